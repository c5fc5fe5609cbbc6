import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { RunView } from '../../../lib/runs/view.ts';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../../tools/tmux.ts';
import { begunRun, failedRun, generationView, runView } from '../../fixtures/run-view.ts';
import { runEverytoken } from '../run-everytoken.ts';
import { type ApiServer, HOSTILE, serveApi, UNPRINTABLE } from '../runs/api-server.ts';
import { logprobOf, traceOf } from '../runs/traces.ts';

// Each command is a process, and several test files run at once.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'everytoken-show-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let api: ApiServer;
let pane: TmuxPane | undefined;
afterEach(() => {
  pane?.close();
  pane = undefined;
  api?.close();
});

const show = (...args: string[]) =>
  runEverytoken(['show', '--api', api.url, ...args], folder, { TZ: 'Asia/Tokyo' });

const WORDS = 'A vector database stores vectors and finds those that are near to a query .'.split(' ');
/** One token each 10 ms after 200 ms, but 300 ms before the seventh. */
const TRACE = traceOf(
  WORDS.map((word, at) => ({
    t_ms: 200 + at * 10 + (at >= 6 ? 290 : 0),
    text: at === 0 ? word : ` ${word}`,
    tokens: 1,
    ...(at === 3 && {
      logprobs: [
        logprobOf(' stores', 0.5, [
          [' keeps', 0.25],
          [' holds', 0.125],
        ]),
      ],
    }),
  })),
  { endMs: 700 },
);

const RUN: RunView = runView({
  id: 'run_06h2trmxvzdf323bf9bfhgngyw',
  status: 'completed',
  metadata: { team: 'docs' },
  conversation: 'chat-7',
  previous_run: 'run_before',
  generations: [
    generationView({
      label: 'Top-k 40',
      text: WORDS.join(' '),
      sampling: {
        requested: { max_tokens: 100, top_k: 2, seed: 7, temperature: 0.5 },
        sent: { max_tokens: 100, seed: 7, temperature: 0.5 },
        effective: { max_tokens: 100, seed: null, temperature: 0.25 },
        warnings: ['top_k is left out: the server refuses it'],
      },
      checks: [
        { type: 'contains', passed: true, message: null },
        { type: 'max_length', passed: false, message: 'the text has 76 characters' },
      ],
      cost_usd: 0.00012,
      price: { source: 'openai', as_of: '2026-11-01', input: 0.1, cached: 0.05, output: 0.4 },
    }),
    generationView({ index: 1, label: 'Top-p 0.9', text: 'Another text.\n\nIts second paragraph.' }),
  ],
});

test('shows what is known of a run: texts, figures, sampling, checks, attempts, cost, vectors, timeline', async () => {
  api = await serveApi({ runs: [RUN], trace: TRACE });
  const { status, out } = await show(RUN.id);
  expect(status).toBe(0);
  expect(out.split('\n')).toEqual([
    'run          run_06h2trmxvzdf323bf9bfhgngyw · completed · 2026-11-22 22:00:00 · everytoken-ngram',
    'metadata     team=docs',
    'conversation chat-7 · after run_before',
    'prompt       Explain vector databases in a technical manner.',
    '',
    '1  Top-k 40',
    'A vector database stores vectors and finds those that are near to a query .',
    '',
    '2  Top-p 0.9',
    'Another text.',
    '',
    'Its second paragraph.',
    '',
    '           first token  per token  tokens   total      cost  prompt  end',
    'Top-k 40         13 ms    11.0 ms       3  0.04 s  $0.00012       9  stop',
    'Top-p 0.9        13 ms    11.0 ms       3  0.04 s         —       9  stop',
    'all                                     3                 —',
    'warning      top_k is left out: the server refuses it',
    '',
    'details of output 1 of 2 · --generation 2 has the next',
    '',
    'sampling     requested  sent  applied',
    'max_tokens   100        100   100',
    'top_k        2          —     —        ✗ left out',
    'seed         7          7     —        ? not known to be applied',
    'temperature  0.5        0.5   0.25     ✗ changed',
    '',
    'check        contains: passed',
    'check        max_length: the text has 76 characters',
    'attempts     rate_limited (429), then 400 ms of waiting · attempt 2 answered',
    'cost         $0.00012 · $0.10 in, $0.40 out per million tokens · openai, 2026-11-01',
    'vectors      1, found by search',
    '',
    'timeline     ························▁▁▁▁▁▁▁██████████████████████████████████████▁▁▁▁▁▁▁▁▁▁········',
    '                                     ↑ 200 ms                                                 0.70 s',
    '             waits between tokens: the longer, the higher; █ is 300 ms',
    'longest gaps   300 ms before token 7  …ctor database stores vectors and ▸ finds',
    '                10 ms before token 2  …A ▸ vector',
    '                10 ms before token 3  …A vector ▸ database',
    '',
  ]);
});

test('--generation shows one output whole, by its number or its label', async () => {
  api = await serveApi({ runs: [RUN], trace: TRACE });
  const [number, label, json, wrong] = await Promise.all([
    show(RUN.id, '--generation', '2'),
    show(RUN.id, '--generation', 'Top-p 0.9'),
    show(RUN.id, '--generation', '2', '--json'),
    show(RUN.id, '--generation', '3'),
  ]);
  expect(number.out).toContain('\n2  Top-p 0.9\nAnother text.\n');
  expect(number.out).not.toContain('Top-k 40');
  expect(label.out).toBe(number.out);
  expect(JSON.parse(json.out)).toMatchObject({ index: 1, label: 'Top-p 0.9' });
  expect([wrong.status, wrong.out]).toEqual([1, '']);
  expect(wrong.err).toContain("--generation '3': there is none; there are 1 (Top-k 40), 2 (Top-p 0.9)\n");
});

test('--token shows its alternatives, its time, and where the asked top-k cuts', async () => {
  api = await serveApi({ runs: [RUN], trace: TRACE });
  const { out } = await show(RUN.id, '--token', '4');
  expect(out.split('\n')).toEqual([
    'token        4 · " stores"',
    'time         230.0 ms after the request · 10.0 ms after the chunk before',
    'after        …A vector database',
    'rank         1 of 3 kept · probability 50.00 %',
    '',
    '  1  " stores"   50.00 %  ████████████░░░░░░░░░░░░  ← chosen',
    '  2  " keeps"    25.00 %  ██████░░░░░░░░░░░░░░░░░░',
    '     ─────────  top-k 2 cuts here',
    '  3  " holds"    12.50 %  ███░░░░░░░░░░░░░░░░░░░░░',
    '',
    "probabilities are the server's, as a rule those before temperature 0.5",
    '',
  ]);
});

test('--token says what to ask for where no alternatives were kept, and how many tokens there are', async () => {
  api = await serveApi({ runs: [RUN], trace: TRACE });
  const [without, beyond] = await Promise.all([show(RUN.id, '--token', '5'), show(RUN.id, '--token', '99')]);
  expect(without.out).toContain('token        5 · " vectors"\n');
  expect(without.err).toContain(
    `no alternatives were kept of it: ask for them by npx everytoken run … --top-logprobs 5 --api`,
  );
  expect([beyond.status, beyond.out]).toEqual([1, '']);
  expect(beyond.err).toContain(`--token 99: the output has ${WORDS.length} tokens\n`);
});

test('--trace prints the chunks, exact in CSV', async () => {
  api = await serveApi({ runs: [RUN], trace: TRACE });
  const [table, csv, json] = await Promise.all([
    show(RUN.id, '--trace'),
    show(RUN.id, '--trace', '--csv'),
    show(RUN.id, '--trace', '--json'),
  ]);
  expect(table.out.split('\n').slice(0, 3)).toEqual([
    'chunk        at       gap  tokens  probability  kind  text',
    '    1  200.0 ms         —       1                     "A"',
    '    2  210.0 ms   10.0 ms       1                     " vector"',
  ]);
  expect(csv.out.split('\r\n').slice(0, 5)).toEqual([
    'chunk,t_ms,gap_ms,tokens,logprobs,kind,text',
    '0,200,,1,,,A',
    '1,210,10,1,,," vector"',
    '2,220,10,1,,," database"',
    `3,230,10,1,${Math.log(0.5)},""," stores"`,
  ]);
  expect(JSON.parse(json.out)).toEqual(TRACE);
});

test('last is the newest run', async () => {
  const newest = { id: RUN.id } as never;
  api = await serveApi({ runs: [RUN], list: [newest], trace: TRACE });
  expect((await show('last')).out).toContain(`run          ${RUN.id} · completed`);
  expect(api.requests.slice(0, 2)).toEqual(['GET /runs?limit=1', `GET /runs/${RUN.id}`]);
  api.close();
  api = await serveApi({});
  const none = await show('last');
  expect([none.status, none.out]).toEqual([1, '']);
  expect(none.err).toContain(
    'there are no runs yet; make one: npx everytoken run "Explain vector databases."\n',
  );
});

test('a run that is open, failed or without texts is shown as far as it is known', async () => {
  api = await serveApi({ runs: [begunRun()] });
  const open = await show('run_0');
  expect(open.out).toContain('run          run_0 · generating');
  expect(open.err).toContain(`next: npx everytoken wait run_0 --api ${api.url}\n`);
  api.close();
  api = await serveApi({ runs: [failedRun('over_budget')] });
  expect((await show('run_0')).out).toContain('error        over_budget: it ended with over_budget\n');
  api.close();
  api = await serveApi({
    runs: [
      runView({
        prompt: null,
        store: false,
        generations: [generationView({ text: null, not_stored: true, vector_ids: [] })],
      }),
    ],
  });
  const unkept = await show('run_0');
  expect(unkept.out).toContain('prompt       not kept\n\n(the text is not kept)\n');
  expect(unkept.out).toContain('vectors      none: texts are not kept\n');
});

const hostileRun = (): RunView => {
  const fields = { [HOSTILE]: HOSTILE };
  return {
    ...RUN,
    models: [HOSTILE],
    prompt: HOSTILE,
    metadata: fields,
    conversation: HOSTILE,
    generations: [
      generationView({
        label: HOSTILE,
        text: HOSTILE,
        finish_reason: HOSTILE,
        sampling: { requested: fields, sent: fields, effective: {}, warnings: [HOSTILE] },
        checks: [{ type: 'regex', passed: false, message: HOSTILE }],
        attempts: [{ error: HOSTILE, status: 500, waited_ms: 1, ttft_ms: null, e2e_ms: null }],
        price: { source: HOSTILE, as_of: HOSTILE },
      }),
    ],
    error: { code: HOSTILE, message: HOSTILE },
  };
};
const HOSTILE_TRACE = traceOf([
  { t_ms: 1, text: HOSTILE, tokens: 1 },
  { t_ms: 2, text: HOSTILE, tokens: 1, logprobs: [logprobOf(HOSTILE, 0.5, [['\x1b[31m', 0.25]])] },
]);

test('nothing of a hostile run reaches the output but its text', async () => {
  api = await serveApi({ runs: [hostileRun()], trace: HOSTILE_TRACE });
  const shown = await Promise.all([
    show('run_0'),
    show('run_0', '--token', '2'),
    show('run_0', '--trace'),
    show('run_0', '--trace', '--csv'),
    show('run_0', '--json'),
  ]);
  for (const { status, out, err } of shown) {
    expect(status).toBe(0);
    expect(out.replaceAll('\r\n', '\n') + err).not.toMatch(UNPRINTABLE);
  }
});

test.skipIf(!HAS_TMUX).each([80, 140])(
  'a terminal of %d columns shows a run without a wrapped line',
  async (columns) => {
    for (const run of [RUN, hostileRun()]) {
      api = await serveApi({ runs: [run], trace: run === RUN ? TRACE : HOSTILE_TRACE });
      pane = startTmux([process.execPath, 'cli/everytoken.ts', 'show', 'run_0', '--api', api.url], {
        columns,
      });
      expect(await pane.ended()).toBe(0);
      expect(pane.lines().join('\n')).toMatch(
        /^run +run_06.+[\s\S]+^timeline +·*[▁-█]+[\s\S]+^longest gaps/m,
      );
      expect(pane.faults()).toEqual([]);
      pane.close();
      api.close();
    }
  },
);
