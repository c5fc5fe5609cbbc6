import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Comparison } from '../../../../client/index.ts';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../../../tools/tmux.ts';
import { drawnComparison } from '../../../report/drawn-comparison.ts';
import { runEverytoken } from '../../run-everytoken.ts';
import { type ComparisonServer, serveComparison } from './comparison-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let api: ComparisonServer;
let pane: TmuxPane | undefined;
afterEach(() => {
  pane?.close();
  pane = undefined;
  api?.close();
});

const { comparison, rows } = drawnComparison({ samples: 12 });
const ID = comparison.id;

/** The comparison when so many of its blocks are done. */
const underWay = (done: number): Comparison => ({
  ...comparison,
  status: 'generating',
  verdict: null,
  differences: [],
  progress: { ...comparison.progress, done, completed: done * 2, failed: 0 },
  settings: comparison.settings.map((setting) => ({ ...setting, n: done, failed: 0 })),
});

const compare = (...args: string[]) => runEverytoken(['compare', ...args, '--api', api.url], folder);
const matrix = (text: string, name = 'matrix.yml'): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const FLAGS = [
  '--prompt',
  'Explain trees.',
  '--setting',
  'Focused: temperature=0.3',
  '--setting',
  'Free: top_k=5',
];
const oneLine = (text: string) => text.replace(/\s+/g, ' ');

test('options make the request of the API, with twenty blocks or more by default', async () => {
  api = await serveComparison({ comparisons: [comparison] });
  await compare(
    ...FLAGS,
    '--prompt',
    'And?',
    '--max-tokens',
    '50',
    '--objective',
    'ttft<=0.5s',
    '--check',
    'contains: tree',
  );
  expect(api.bodies[1]).toEqual({
    prompts: ['Explain trees.', 'And?'],
    settings: [
      { label: 'Focused', temperature: 0.3 },
      { label: 'Free', top_k: 5 },
    ],
    samples: 10,
    max_tokens: 50,
    objectives: { max_ttft_ms: 500 },
    checks: [{ type: 'contains', value: 'tree' }],
  });
});

test('models are settings, and options go before fields of a file', async () => {
  api = await serveComparison({ comparisons: [comparison] });
  const path = matrix('prompts: [Why?]\nsettings: [{label: A}]\nsamples: 3\nname: ours\n');
  await compare(path, '--model', 'gpt-a', '--model', 'gpt-b', '--samples', '7');
  expect(api.bodies[1]).toEqual({
    name: 'ours',
    prompts: ['Why?'],
    settings: [
      { label: 'gpt-a', model: 'gpt-a' },
      { label: 'gpt-b', model: 'gpt-b' },
    ],
    samples: 7,
  });
});

test('the estimate comes first, then the verdict in words, the settings and the clear differences', async () => {
  api = await serveComparison({ comparisons: [underWay(3), comparison] });
  const { status, out, err } = await compare(...FLAGS);
  expect(oneLine(err)).toMatch(
    /tokens 400 to 4,200 cost \$0\.010 to \$0\.25 time 10 s to 1 min 30 s can find a doubled/,
  );
  expect(oneLine(out)).toContain(comparison.verdict?.summary);
  expect(oneLine(out)).toContain(comparison.verdict?.most_diverse.sentence);
  expect(out).toMatch(/^setting +first token/m);
  const clear = comparison.differences.filter((difference) => difference.clear);
  expect(clear.length).toBeGreaterThan(0);
  for (const { finding } of clear) expect(oneLine(out)).toContain(finding);
  expect(status).toBe(comparison.progress.failed > 0 ? 3 : 0);
});

test('--max-cost-usd refuses before anything is paid, also when the price is not known', async () => {
  api = await serveComparison({ comparisons: [comparison] });
  const dear = await compare(...FLAGS, '--max-cost-usd', '0.2');
  expect([dear.status, dear.err]).toEqual([1, expect.stringMatching(/it may cost \$0\.25, more than/)]);
  api.close();
  api = await serveComparison({
    comparisons: [comparison],
    estimate: { cost_usd: null, unpriced: ['gpt-x'] },
  });
  const unknown = await compare(...FLAGS, '--max-cost-usd', '0.2');
  expect([unknown.status, unknown.err]).toEqual([1, expect.stringMatching(/price of gpt-x is not known/)]);
  expect(api.requests).toEqual(['POST /comparisons/estimate']);
});

test('errors of a file name its line and the field that was probably meant', async () => {
  api = await serveComparison({
    comparisons: [comparison],
    refused: [
      { path: 'settings.1.topk', message: 'is not a known field' },
      { path: 'max_token', message: 'is not a known field' },
      { path: 'prompts', message: 'is required' },
    ],
  });
  const path = matrix('settings:\n  - label: A\n  - label: B\n    topk: 3\nmax_token: 5\n');
  const { status, err } = await compare(path);
  expect(status).toBe(1);
  expect(err).toContain('matrix.yml:4: settings.1.topk is not a known field (did you mean top_k?)');
  expect(err).toContain('matrix.yml:5: max_token is not a known field (did you mean max_tokens?)');
  expect(err).toContain('matrix.yml: prompts is required');
});

test('a file that cannot be read, a misspelt action and a report without a place are refused at once', async () => {
  api = await serveComparison({ comparisons: [comparison] });
  const cases: [string[], RegExp][] = [
    [[matrix('prompts: [a\nsettings: b: c\n')], /matrix\.yml:2:1: /],
    [[matrix('just a text', 'other.yml')], /holds no comparison/],
    [['lst'], /did you mean npx everytoken compare list\?/],
    [[...FLAGS, '--html', '/nowhere/report.html'], /--html \/nowhere\/report\.html: it cannot be written/],
    [
      [...FLAGS, '--html', matrix('prompts: []', 'notes.yml')],
      /notes\.yml is there, and is no report of everytoken; name another file with --html, or .*--force/,
    ],
    [
      [...FLAGS, '--html', matrix('<!doctype html><title>Mine</title>', 'mine.html')],
      /mine\.html is there, and is no report of everytoken/,
    ],
  ];
  for (const [args, message] of cases) {
    const { status, err } = await compare(...args);
    expect([status, err]).toEqual([1, expect.stringMatching(message)]);
  }
  expect((await compare()).status).toBe(2);
  expect((await compare('--prompt', 'a')).err).toMatch(/give settings/);
  expect(api.requests).toEqual([]);
});

test('a bound that is not kept ends with 4, and says by which setting', async () => {
  api = await serveComparison({ comparisons: [comparison] });
  const p90 = comparison.settings.map(({ ttft_ms }) => ttft_ms.p90 ?? 0);
  const kept = await compare('show', ID, '--require', `ttft_ms.p90<=${Math.ceil(Math.max(...p90))}`);
  expect([kept.status, kept.err]).toEqual([0, `· API · ${api.url}\n`]);
  const missed = await compare('show', ID, '--require', 'Free: ttft_ms.p90<=1', '--require', 'pass_rate>=1');
  expect(missed.status).toBe(4);
  expect(missed.err).toMatch(/not met: Free: ttft_ms\.p90<=1: Free has \d/);
  expect(missed.err).toMatch(/not met: pass_rate>=1: Focused has 0\.\d/);
});

test('--fail-on ends with 4 when any answer misses a check or an objective', async () => {
  api = await serveComparison({ comparisons: [comparison] });
  expect((await compare('show', ID)).status).toBe(0);
  expect((await compare('show', 'last')).status).toBe(0);
  expect((await compare('show', ID, '--fail-on', 'any')).err).toMatch(
    /passed the checks in \d+ of 24 answers/,
  );
  expect((await compare(...FLAGS, '--fail-on', 'check')).status).toBe(4);
});

test('--html writes one file, and --json and --csv print for programs', async () => {
  api = await serveComparison({ comparisons: [comparison], rows });
  const path = join(folder, 'report.html');
  const { out, err } = await compare('show', ID, '--html', path, '--json');
  expect(JSON.parse(out).id).toBe(ID);
  expect(err).toMatch(/report +.*report\.html · [\d.]+ KiB/);
  expect(readFileSync(path, 'utf8')).toContain('<h1><bdi>Focused or free?</bdi></h1>');
  const csv = (await compare('show', ID, '--csv')).out.trim().split('\n');
  expect(csv[0]).toMatch(/^setting,model,n,failed,ttft_ms_p50,ttft_ms_p50_low/);
  expect(csv[1]).toMatch(/^Focused,gpt-6-luna,\d+,\d+,\d+\.\d+,/);
});

test('--no-wait prints the id alone', async () => {
  api = await serveComparison({ comparisons: [underWay(0)] });
  expect((await compare(...FLAGS, '--no-wait')).out).toBe(`${ID}\n`);
});

test('list, cancel and estimate', async () => {
  api = await serveComparison({
    comparisons: [{ ...comparison, stopped: { code: 'cancelled', at: comparison.created_at } }],
  });
  expect((await compare('list')).out).toMatch(new RegExp(`${ID} +cancelled +24 of 24 +Focused or free`));
  expect((await compare('cancel', ID)).out).toMatch(/is cancelled, with \d+ of 48 answers so far/);
  expect((await compare('estimate', ...FLAGS)).out).toMatch(/^cost +\$0\.010 to \$0\.25$/m);
});

test('hostile names, labels and notes stay text', async () => {
  const hostile = '\x1b]0;owned\x07\x1b[31mred\u202e';
  const drawn = drawnComparison({ labels: [`A${hostile}`, `B${hostile}`], name: hostile });
  api = await serveComparison({ comparisons: [drawn.comparison] });
  for (const args of [['show', ID], ['list'], ['cancel', ID]]) {
    const { out, err } = await compare(...args);
    expect(out + err).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  }
});

for (const columns of [80, 140])
  test.skipIf(!HAS_TMUX)(
    `on a terminal of ${columns} columns it asks, shows a live table, and fits`,
    async () => {
      api = await serveComparison({ comparisons: [underWay(3), underWay(9), underWay(20), comparison] });
      pane = startTmux([process.execPath, 'cli/everytoken.ts', 'compare', ...FLAGS, '--api', api.url], {
        columns,
      });
      await pane.until(/Compare them\? \[y\/N\]/);
      pane.press('y', 'Enter');
      const live = await pane.until(/20 of 24/);
      expect(live.join('\n')).toMatch(/setting +done +failed +first token +per token +total +cost/);
      expect(live.join('\n')).toMatch(/[█▏▎▍▌▋▊▉░]{10,} 40 of 48 · .* left · \$/);
      await pane.ended();
      expect(oneLine(pane.lines().join(' '))).toContain(comparison.verdict?.summary);
      expect(pane.lines().join('\n')).toMatch(
        columns === 140 ? /first token +95%/ : /first token +per token/,
      );
      expect(pane.faults()).toEqual([]);
    },
  );

test.skipIf(!HAS_TMUX)('no is an answer, and Ctrl-C leaves it running and says how to go on', async () => {
  api = await serveComparison({ comparisons: [underWay(3)] });
  const command = [process.execPath, 'cli/everytoken.ts', 'compare', ...FLAGS, '--api', api.url];
  pane = startTmux(command, { columns: 80 });
  await pane.until(/Compare them/);
  pane.press('n', 'Enter');
  expect(await pane.ended()).toBe(0);
  expect(api.requests).toEqual(['POST /comparisons/estimate']);
  pane.close();
  pane = startTmux([...command, '--yes'], { columns: 80 });
  await pane.until(/6 of 48/);
  pane.press('C-c');
  expect(await pane.ended()).toBe(130);
  expect(oneLine(pane.lines().join(' '))).toMatch(
    new RegExp(`the comparison goes on.*compare show ${ID} --watch.*compare cancel ${ID}`),
  );
});
