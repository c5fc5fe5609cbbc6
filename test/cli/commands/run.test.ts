import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { Generation } from '../../../lib/runs/generation.ts';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../../tools/tmux.ts';
import { begunRun, generationView, runView } from '../../fixtures/run-view.ts';
import { runEverytoken } from '../run-everytoken.ts';
import { type ApiServer, HOSTILE, serveApi, UNPRINTABLE } from '../runs/api-server.ts';

// Each command is a process, and several test files run at once.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'everytoken-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let api: ApiServer;
let pane: TmuxPane | undefined;
afterEach(() => {
  pane?.close();
  pane = undefined;
  api?.close();
});

const run = (args: string[], input?: string) =>
  runEverytoken(['run', '--api', api.url, ...args], folder, {}, input);
const runInTmux = (args: string[], columns: number, rows = 40) => {
  pane = startTmux([process.execPath, 'cli/everytoken.ts', 'run', '--api', api.url, ...args], {
    columns,
    rows,
  });
  return pane;
};

const token = (index: number, text: string) =>
  ['generation.token', { index, text, t_ms: 1, tokens: 1 }] as const;

/** The events of a run that streams the texts of its outputs in pieces of a few characters. */
const eventsOf = (generations: Generation[], changes = {}): [string, unknown][] => [
  ['run.created', begunRun()],
  ...generations.flatMap(({ index, text }): [string, unknown][] =>
    (text?.match(/[\s\S]{1,7}/g) ?? []).map((piece) => [...token(index, piece)]),
  ),
  ...generations.map((generation): [string, unknown] => ['generation.completed', generation]),
  ['run.completed', runView({ generations, ...changes })],
];

const failed = (index: number): Generation =>
  generationView({
    index,
    label: 'b',
    status: 'failed',
    text: null,
    timing: null,
    error: { code: 'rate_limited', message: 'the model server refused: too many requests' },
  });

test('in a pipe, the text alone is on stdout, and figures are on stderr with --stats', async () => {
  api = await serveApi({ events: eventsOf([generationView({ text: 'One.\n\n\tTwo.' })]) });
  const [plain, stats] = await Promise.all([run(['hi']), run(['hi', '--stats'])]);
  expect([plain.status, plain.out, plain.err]).toEqual([0, 'One.\n\n\tTwo.\n', `· API · ${api.url}\n`]);
  expect(stats.out).toBe(plain.out);
  expect(stats.err).toContain('first token  per token  tokens   total  cost  prompt  end');
  expect(stats.err).toContain('      13 ms    11.0 ms       3  0.04 s     —       9  stop');
  expect(stats.err).toMatch(/gap p50.+uncertainty.+\n.+0\.8 ms {9}2 {2}warm/);
});

test('the request has the fields that options name, and no others', async () => {
  api = await serveApi({ events: eventsOf([generationView()]) });
  await run(['hi']);
  await run(
    ['hi', '--system', 'be brief', '--setting', 'Top-k 40: top_k=40, top_p=1', '--setting', 'temperature=.5']
      .concat(['--samples', '2', '--model', 'm', '--max-tokens', '9', '--temperature', '0', '--top-p', '0.5'])
      .concat(['--top-k', '7', '--seed', '-1', '--stop', 'END', '--stop', ';', '--reasoning-effort', 'low'])
      .concat(['--top-logprobs', '3', '--metadata', 'team=docs', '--metadata', 'a=', '--conversation', 'c'])
      .concat([
        '--no-index',
        '--no-store',
        '--strict-sampling',
        '--check',
        'contains: x',
        '--check',
        'max_length: 9',
      ]),
  );
  expect(api.bodies).toEqual([
    { prompt: 'hi', stream: true },
    {
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'hi' },
      ],
      settings: [
        { label: 'Top-k 40', top_k: 40, top_p: 1 },
        { label: 'temperature=.5', temperature: 0.5 },
      ],
      samples: 2,
      model: 'm',
      max_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      top_k: 7,
      seed: -1,
      stop: ['END', ';'],
      reasoning_effort: 'low',
      top_logprobs: 3,
      metadata: { team: 'docs', a: '' },
      conversation: 'c',
      index: false,
      store: false,
      strict_sampling: true,
      checks: [
        { type: 'contains', value: 'x' },
        { type: 'max_length', value: 9 },
      ],
      stream: true,
    },
  ]);
});

test('the prompt is the argument, a file or standard input, and the argument comes before its material', async () => {
  api = await serveApi({ events: eventsOf([generationView()]) });
  const path = join(folder, 'prompt.md');
  writeFileSync(path, '# Trees\n\nExplain them.\n');
  await run(['--file', path]);
  await run([], 'piped in\n');
  await run(['-'], 'piped in');
  await run(['Sum it up.'], 'a\n\nb\n');
  await run(['Sum it up.', '--file', path]);
  expect(api.bodies.map(({ prompt }) => prompt)).toEqual([
    '# Trees\n\nExplain them.\n',
    'piped in',
    'piped in',
    'Sum it up.\n\na\n\nb',
    'Sum it up.\n\n# Trees\n\nExplain them.\n',
  ]);
});

test('without a prompt, and for a file that is none, one line says what to do', async () => {
  api = await serveApi({});
  writeFileSync(join(folder, 'bytes'), Buffer.from([0xff, 0xfe, 0x00]));
  const [none, missing, bytes] = await Promise.all([
    run([]),
    run(['--file', join(folder, 'missing')]),
    run(['--file', join(folder, 'bytes')]),
  ]);
  expect(none.err).toContain('error: there is no prompt: give one as in npx everytoken run "Explain trees."');
  expect(missing.err).toMatch(/error: --file .+missing: there is no such file; give the path of a text\n/);
  expect(bytes.err).toMatch(/error: .+bytes is no text in UTF-8; save it as UTF-8\n/);
  expect([none, missing, bytes].map(({ status, out }) => [status, out])).toEqual([
    [2, ''],
    [2, ''],
    [1, ''],
  ]);
});

test('an option of the wrong kind is refused before anything is asked', async () => {
  api = await serveApi({});
  const refused = await Promise.all([
    run(['hi', '--setting', 'topk=40']),
    run(['hi', '--top-k', 'many']),
    run(['hi', '--samples', '65']),
    run(['hi', '--check', 'contain: x']),
    run(['hi', '--metadata', 'team']),
  ]);
  expect(refused.map(({ status, out }) => [status, out])).toEqual(Array(5).fill([2, '']));
  const reasons = [/did you mean top_k\?/, /top_k takes a whole number, not 'many'/, /from 1 to 64/].concat([
    /did you mean contains\?/,
    /such as team=docs/,
  ]);
  for (const [at, reason] of reasons.entries()) expect(refused[at]?.err).toMatch(reason);
  expect(api.requests).toEqual([]);
});

test('the status is 3 when some outputs failed and 1 when all did, and stderr names the error', async () => {
  api = await serveApi({ events: eventsOf([generationView({ label: 'a' }), failed(1)]) });
  const some = await run(['hi', '--setting', 'a: top_k=1', '--setting', 'b: top_k=2']);
  expect([some.status, some.out]).toEqual([3, 'a\nVectors have neighbours.\n\nb\n(failed: rate_limited)\n']);
  expect(some.err).toContain('error        b: rate_limited: the model server refused: too many requests\n');
  api.close();
  const whole = runView({ status: 'failed', generations: [failed(0)], error: failed(0).error });
  const problem = { status: 502, code: 'rate_limited', title: 'x', detail: 'y', run: whole };
  api = await serveApi({
    events: [
      ['run.created', begunRun()],
      ['error', problem],
    ],
  });
  const [all, json] = await Promise.all([run(['hi']), run(['hi', '--json'])]);
  expect([all.status, all.out]).toEqual([1, '']);
  expect(all.err).toContain('error        rate_limited: the model server refused: too many requests\n');
  expect([json.status, JSON.parse(json.out)]).toEqual([1, whole]);
});

test('a check that failed is told, and ends with 4 if asked to', async () => {
  const checks = [
    { type: 'contains' as const, passed: false, message: 'the text does not contain the value' },
  ];
  const passRates = { by_label: { default: { n: 1, passed: 0, rate: 0, interval: null } } };
  api = await serveApi({ events: eventsOf([generationView({ checks })], { checks: passRates }) });
  const [asked, not] = await Promise.all([run(['hi', '--fail-on-check']), run(['hi'])]);
  expect([asked.status, not.status]).toEqual([4, 0]);
  expect(asked.err).toContain(
    'checks       0 of 1 passed\n             contains: the text does not contain the value\n',
  );
});

test('a warning of sampling is printed once, however many outputs have it', async () => {
  const sampling = { requested: { top_k: 4 }, sent: {}, effective: {}, warnings: ['top_k is not applied'] };
  api = await serveApi({
    events: eventsOf([0, 1, 2].map((sample) => generationView({ index: sample, sample, sampling }))),
  });
  const { err } = await run(['hi', '--samples', '3']);
  expect(err.match(/top_k is not applied/g)).toHaveLength(1);
});

test('calls of tools are printed as name(arguments)', async () => {
  const calls = [
    { id: '1', type: 'function' as const, function: { name: 'get_weather', arguments: '{"city": "Oslo"}' } },
    { id: '2', type: 'custom' as const, custom: { name: 'run_code', input: '1 + 1' } },
  ];
  api = await serveApi({ events: eventsOf([generationView({ text: '', tool_calls: calls })]) });
  expect((await run(['hi'])).out).toBe('get_weather({"city": "Oslo"})\nrun_code(1 + 1)\n');
});

test('--json prints the finished run, --background its id and the next command', async () => {
  const finished = runView({ generations: [generationView({ text: HOSTILE })] });
  api = await serveApi({ events: eventsOf(finished.generations), runs: [begunRun()] });
  const [json, background] = await Promise.all([run(['hi', '--json']), run(['hi', '--background'])]);
  expect(JSON.parse(json.out)).toEqual(JSON.parse(JSON.stringify(finished)));
  expect(json.out).not.toMatch(UNPRINTABLE);
  expect(background.out).toBe('run_0\n');
  expect(background.err).toContain(`next: npx everytoken wait run_0 --api ${api.url}\n`);
});

test('a run whose stream breaks off is waited for', async () => {
  const finished = runView();
  api = await serveApi({
    events: [
      ['run.created', begunRun()],
      [...token(0, 'Vec')],
      ['error', { status: 503, code: 'relay_overflow', detail: 'read the run' }],
    ],
    runs: [finished],
  });
  const { status, out } = await run(['hi']);
  expect([status, out]).toEqual([0, 'Vectors have neighbours.\n']);
});

test('nothing of a hostile output reaches a pipe but its text', async () => {
  const hostile = generationView({
    text: HOSTILE,
    label: HOSTILE,
    finish_reason: HOSTILE,
    sampling: { requested: {}, sent: {}, effective: {}, warnings: [HOSTILE] },
    checks: [{ type: 'regex', passed: false, message: HOSTILE }],
  });
  const error = { code: HOSTILE, message: HOSTILE };
  const generations = [hostile, { ...hostile, index: 1, status: 'failed' as const, text: null, error }];
  const checks = { by_label: { [HOSTILE]: { n: 1, passed: 0, rate: 0, interval: null } } };
  api = await serveApi({ events: eventsOf(generations, { checks, error }) });
  const { out, err } = await run(['hi', '--stats', '--samples', '2']);
  expect(out + err).not.toMatch(UNPRINTABLE);
  expect(out).toContain('red');
});

test.skipIf(!HAS_TMUX)('on a terminal the text flows, then come the figures', async () => {
  const text = 'A vector database stores vectors, and finds those that are near to one.';
  api = await serveApi({ events: eventsOf([generationView({ text })]) });
  runInTmux(['hi'], 80);
  expect(await pane?.ended()).toBe(0);
  expect(pane?.lines().slice(1)).toEqual([
    text,
    '',
    'first token  per token  tokens   total  cost  prompt  end',
    '      13 ms    11.0 ms       3  0.04 s     —       9  stop',
    `run          npx everytoken show run_0 --api ${api.url}`,
  ]);
  expect(pane?.faults()).toEqual([]);
});

test.skipIf(!HAS_TMUX).each([
  {
    columns: 80,
    expected: [
      'Top-k 40                               │ Top-p 0.9',
      'Top-k 40 stores vectors and finds      │ Top-p 0.9 stores vectors and finds',
      'those that are near to one.            │ those that are near to one.',
    ],
  },
  {
    columns: 140,
    expected: [
      'Top-k 40                                                             │ Top-p 0.9',
      'Top-k 40 stores vectors and finds those that are near to one.        │ Top-p 0.9 stores vectors and finds those that are near to one.',
    ],
  },
])('several settings stand side by side at $columns columns', async ({ columns, expected }) => {
  const generations = ['Top-k 40', 'Top-p 0.9'].map((label, index) =>
    generationView({ index, label, text: `${label} stores vectors and finds those that are near to one.` }),
  );
  api = await serveApi({ events: eventsOf(generations) });
  runInTmux(['hi', '--setting', 'Top-k 40: top_k=40', '--setting', 'Top-p 0.9: top_p=0.9'], columns);
  expect(await pane?.ended()).toBe(0);
  expect(pane?.lines().slice(1)).toEqual([
    ...expected,
    '',
    '           first token  per token  tokens   total  cost  prompt  end',
    'Top-k 40         13 ms    11.0 ms       3  0.04 s     —       9  stop',
    'Top-p 0.9        13 ms    11.0 ms       3  0.04 s     —       9  stop',
    'all                                     3             —',
    `run          npx everytoken show run_0 --api ${api.url}`,
  ]);
  expect(pane?.faults()).toEqual([]);
});

test.skipIf(!HAS_TMUX)('a text that is asked for again is void, and said to be', async () => {
  api = await serveApi({
    events: [
      ['run.created', begunRun()],
      [...token(0, 'Vect')],
      ['generation.restarted', { index: 0, attempt: 2 }],
      [...token(0, 'Vectors have ')],
      ['run.completed', runView()],
    ],
  });
  runInTmux(['hi'], 80);
  await pane?.ended();
  expect(pane?.lines().slice(1, 4)).toEqual([
    'Vect',
    '· the model is asked again, attempt 2: the text above is void',
    'Vectors have neighbours.',
  ]);
});

test.skipIf(!HAS_TMUX)('Ctrl-C stops watching, and says that the run goes on and what stops it', async () => {
  api = await serveApi({ events: [['run.created', begunRun()], [...token(0, 'Vectors')]] });
  runInTmux(['hi'], 80);
  await pane?.until(/Vectors/);
  pane?.press('C-c');
  expect(await pane?.ended()).toBe(130);
  expect(pane?.lines().slice(-3)).toEqual([
    '· no longer watched; the run goes on',
    `  npx everytoken wait run_0 --api ${api.url}`,
    `  npx everytoken cancel run_0 --api ${api.url}`,
  ]);
});

test.skipIf(!HAS_TMUX)(
  'when the API goes away in the middle, it is told, and nothing is lost of the text',
  async () => {
    api = await serveApi({ events: [['run.created', begunRun()], [...token(0, 'Vectors')]] });
    runInTmux(['hi'], 80);
    await pane?.until(/Vectors/);
    api.close();
    expect(await pane?.ended()).toBe(1);
    const lines = pane?.lines() ?? [];
    expect(lines.slice(1, 3)).toEqual([
      'Vectors',
      '· the connection broke, and run_0 goes on: waiting for it',
    ]);
    expect(lines.slice(3).join('')).toMatch(/^error: the connection to the API failed/);
  },
);

test.skipIf(!HAS_TMUX).each([80, 140])(
  'hostile outputs side by side stay in their columns of %d',
  async (columns) => {
    const generations = [HOSTILE, `${HOSTILE} end`].map((text, index) =>
      generationView({ index, label: index === 0 ? HOSTILE : 'b', text }),
    );
    api = await serveApi({ events: eventsOf(generations) });
    runInTmux(['hi', '--setting', 'a\x1b[31m: top_k=1', '--setting', 'b: top_k=2'], columns);
    expect(await pane?.ended()).toBe(0);
    expect(pane?.faults()).toEqual([]);
    const lines = pane?.lines() ?? [];
    expect(lines[1]).toMatch(/^a +│ b$/);
    expect(lines.filter((line) => line.includes('│')).length).toBeGreaterThan(10);
  },
);

test.skipIf(!HAS_TMUX)('a hostile output changes nothing on the terminal but lines of its own', async () => {
  api = await serveApi({ events: eventsOf([generationView({ text: `begin ${HOSTILE} end` })]) });
  runInTmux(['hi'], 80);
  expect(await pane?.ended()).toBe(0);
  const lines = pane?.lines() ?? [];
  expect(lines[0]).toMatch(/^· API/);
  expect(lines.join('')).toMatch(/begin red.+end/);
  expect(stripVTControlCharacters(pane?.styled() ?? '')).not.toMatch(UNPRINTABLE);
});
