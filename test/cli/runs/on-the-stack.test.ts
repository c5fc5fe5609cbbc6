import { afterAll, beforeAll, expect, test } from 'vitest';
import { dollars, milliseconds, secondsOf } from '../../../cli/terminal/units.ts';
import { createClient, type Everytoken, type Run } from '../../../client/index.ts';
import { pollUntil } from '../../../tools/poll-until.ts';
import { HAS_TMUX, startTmux } from '../../../tools/tmux.ts';
import { endAll, type RunningStack, runStack, temporaryFolder } from '../../e2e/stack-process.ts';
import { runEverytoken } from '../run-everytoken.ts';

const LIMIT_MS = 120_000;
const PRICES = JSON.stringify({
  'everytoken-ngram': { input: 0.1, output: 0.4, source: 'https://example.com/prices', as_of: '2026-11-01' },
});

let stack: RunningStack;
let client: Everytoken;
beforeAll(async () => {
  stack = await runStack(temporaryFolder(), { PRICES });
  const { api, credentials } = stack.file;
  client = createClient({ baseUrl: api, ...(credentials.api && { apiKey: credentials.api }) });
}, LIMIT_MS);
afterAll(endAll);

const everytoken = (...args: string[]) => runEverytoken(args, stack.dataDir, { TZ: 'UTC' });

const FAST = 'extra_body={"pace": 0}, max_tokens=24';

/** A run of two settings with two samples, with log probabilities. */
const generate = async (): Promise<Run> => {
  const { status, out } = await everytoken(
    ...['run', 'Explain vector databases.', '--json', '--samples', '2', '--metadata', 'team=docs'],
    ...[
      '--setting',
      `Top-k 2: top_k=2, top_logprobs=5, seed=7, ${FAST}`,
      '--setting',
      `Top-p: top_p=0.9, ${FAST}`,
    ],
  );
  expect(status).toBe(0);
  return JSON.parse(out) as Run;
};

const cellsOf = (line = ''): string[] => line.trim().split(/ {2,}/);

test('runs are generated, listed, shown and played with the figures of the API', {
  timeout: LIMIT_MS,
}, async () => {
  const run = await generate();
  const completed = await client.runs.wait(run.id, { until: 'completed' });
  expect((await everytoken('wait', run.id)).out).toMatch(
    new RegExp(`^${run.id} · (generated|completed) · ${completed.usage.completion_tokens} tokens`),
  );

  const { out: shown } = await everytoken('show', 'last');
  const lines = shown.split('\n');
  expect(lines[0]).toContain(`run          ${run.id} · completed`);
  for (const { timing, usage, cost_usd, label, sample, text } of completed.generations) {
    const row = lines.find((line) => line.startsWith(`${label} #${sample + 1} `) && line.includes(' ms'));
    const time = (name: 'ttft_ms' | 'tpot_ms' | 'e2e_ms', shownAs: string) =>
      `${timing?.uncertain.includes(name) ? '~' : ''}${shownAs}`;
    expect(cellsOf(row).slice(1, 6)).toEqual([
      time('ttft_ms', milliseconds(timing?.ttft_ms)),
      time('tpot_ms', milliseconds(timing?.tpot_ms, 1)),
      `${usage.completion_tokens}`,
      time('e2e_ms', secondsOf(timing?.e2e_ms)),
      dollars(cost_usd),
    ]);
    expect(shown.replace(/\s+/g, ' ')).toContain(text?.split(/\s+/).slice(0, 5).join(' '));
  }
  expect(shown).toMatch(/^top_k +2 +2 +2$/m);
  expect(shown).toContain('$0.10 in, $0.40 out per million tokens');
  expect(shown).toMatch(/^timeline +·*[▁-█]/m);
  expect(shown).toMatch(/^longest gaps +\d+ ms before token \d+ /m);

  const trace = await client.runs.trace(run.id, 0);
  const seventh = trace.chunks[6];
  const { out: token } = await everytoken('show', run.id, '--token', '7');
  expect(token).toContain(`${milliseconds(seventh?.t_ms, 1)} after the request`);
  for (const { token: text, logprob } of seventh?.logprobs?.[0]?.top_logprobs ?? []) {
    const share = Math.exp(logprob ?? Number.NEGATIVE_INFINITY) * 100;
    expect(token).toContain(`  ${JSON.stringify(text)} `);
    if (share >= 0.01) expect(token).toContain(` ${share.toFixed(2)} %`);
  }
  expect(token).toContain('top-k 2 cuts here');

  const { out: csv } = await everytoken('show', run.id, '--generation', '2', '--trace', '--csv');
  const second = await client.runs.trace(run.id, 1);
  expect(csv.trim().split('\r\n')).toHaveLength(second.chunks.length + 1);

  expect((await everytoken('play', run.id, '--generation', 'Top-p #2')).out.trim()).toBe(
    completed.generations[3]?.text?.trim(),
  );

  const { out: list } = await everytoken(
    'runs',
    '--metadata',
    'team=docs',
    '--sort',
    '-cost',
    '--min-tokens',
    '90',
    '--json',
  );
  expect(JSON.parse(list)).toEqual(
    await client.runs.list({ 'metadata.team': 'docs', sort: '-cost_usd', min_tokens: 90 }),
  );
  expect((await everytoken('runs', '--since', 'today')).out).toContain(run.id);

  const deleted = await everytoken('delete', run.id, '--yes');
  expect([deleted.status, deleted.out]).toEqual([
    0,
    `${run.id} is deleted: its prompt, outputs and vectors\n`,
  ]);
  expect((await everytoken('show', run.id)).err).toContain('410 gone');
});

test('a run in the background is waited for, or cancelled', { timeout: LIMIT_MS }, async () => {
  const begin = async (setting: string) =>
    (
      await everytoken('run', 'Explain trees.', '--background', '--no-index', '--setting', setting)
    ).out.trim();
  const short = await begin('short: max_tokens=5');
  const long = await begin('slow: extra_body={"pace": 2}');
  const cancelled = await everytoken('cancel', long);
  expect(cancelled).toMatchObject({ status: 0, out: `${long} · cancelled\n` });
  const waited = await everytoken('wait', short);
  expect([waited.status, waited.out]).toEqual([0, expect.stringMatching(/completed · 5 tokens/)]);
  expect((await everytoken('wait', long)).status).toBe(1);
});

test.skipIf(!HAS_TMUX)('a run that is no longer watched goes on', { timeout: LIMIT_MS }, async () => {
  const command = ['cli/everytoken.ts', 'run', 'Explain trees.', '--no-index', '--max-tokens', '150'];
  const pane = startTmux([process.execPath, ...command], {
    columns: 80,
    env: { EVERYTOKEN_DATA_DIR: stack.dataDir },
  });
  try {
    await pane.until(/\n\w+/);
    pane.press('C-c');
    expect(await pane.ended()).toBe(130);
    const [, id = ''] = /everytoken wait (run_\w+)/.exec(pane.lines().join('\n')) ?? [];
    const run = await pollUntil(
      'the end of the run',
      async () => {
        const read = await client.runs.get(id);
        return read.status === 'completed' ? read : undefined;
      },
      LIMIT_MS,
    );
    expect(run.usage.completion_tokens).toBeGreaterThan(0);
  } finally {
    pane.close();
  }
});
