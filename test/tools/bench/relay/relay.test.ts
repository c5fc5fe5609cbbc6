import { expect, test } from 'vitest';
import { observe, runIdOf } from '../../../../tools/bench/relay/observe.ts';
import { linesOf } from '../../../../tools/bench/relay/results.ts';
import { stagesTable, timesTable } from '../../../../tools/bench/relay/table.ts';
import type { WayName } from '../../../../tools/bench/relay/ways.ts';

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const read = (at: number, text: string) => ({ at, base64: Buffer.from(text).toString('base64') });

const HEAD = [
  'HTTP/1.1 200 OK',
  'Transfer-Encoding: chunked',
  'Server-Timing: accept;dur=4.5, total;dur=5.0',
  'X-Everytoken-Run-Id: run_1',
  '\r\n',
].join('\r\n');

const event = (name: string, data: object): string =>
  chunk(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

/** An answer of POST /runs to a request that was sent at 1000, with tokens read at 1070 and 1080.5. */
const ANSWER = {
  t0: 1_000,
  reads: [
    read(1_010, HEAD + event('run.created', { id: 'run_1' }) + chunk(': still here\n\n')),
    read(1_070, event('generation.token', { index: 0, text: 'a', t_ms: 52 })),
    read(1_080.5, event('generation.token', { index: 0, text: 'b', t_ms: 62 })),
    read(1_090, `${event('generation.completed', { index: 0, text: 'ab' })}0\r\n\r\n`),
  ],
};

const emission = (at: number, chars: number) => ({ at, tookMs: 0, chars, tokens: chars });

const TRUTH = {
  ...{ key: 1, scenario: 'steady' as const, text: 'ab', visibleTokens: 2, reasoningTokens: 0 },
  ...{ arrivedAt: 1_018, endedAt: 1_082, emissions: [emission(1_068, 1), emission(1_078, 2)] },
};

const NONE = { tH: null, tR: null, t1: null, tO: null, tL: null, tE: null };

const TRACE = {
  marks: { ...NONE, t0_utc: '2026-12-01T00:00:00.000Z', t0_monotonic_ms: 1_017, completion_id: null },
  chunks: [
    { t_ms: 52, text: 'a', tokens: null },
    { t_ms: 62, text: 'b', tokens: null },
  ],
};

test('a request is split into its way to the model server, the model, and the way of each token back', () => {
  const { stages, ...observed } = observe('runs', ANSWER, TRUTH, TRACE);
  expect(observed).toEqual({ ttftMs: 70, beforeMs: 18, afterMs: 2, delaysMs: [2.5] });
  // Sent at 1000, dispatched at 1017, marked by the function at 1069.
  expect(stages).toEqual({ begin: 17, dispatch: 1, read: 1, sendOn: 1, accept: 4.5 });
  expect(runIdOf(ANSWER)).toBe('run_1');
});

test('a direct request has no stages, and no run', () => {
  const data = (content: string) =>
    chunk(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  const answer = {
    t0: 1_000,
    reads: [
      read(1_068.5, head + data('') + data('a')),
      read(1_079, `${data('b')}${chunk('data: [DONE]\n\n')}0\r\n\r\n`),
    ],
  };
  expect(observe('direct', answer, TRUTH)).toMatchObject({
    ...{ ttftMs: 68.5, afterMs: 0.5, delaysMs: [1], stages: undefined },
  });
  expect(runIdOf(answer)).toBeUndefined();
});

test('an answer without an event for each token is an error, since its times would be those of other tokens', () => {
  const joined = { ...ANSWER, reads: ANSWER.reads.toSpliced(2, 1) };
  expect(() => observe('runs', joined, TRUTH)).toThrow('everytoken, /runs: 1 events of text for 2 tokens');
});

const sample = (way: WayName, round: number, ttftMs: number, beforeMs = 1) => ({
  ...{ way, round, ttftMs, beforeMs, afterMs: 0.5, delaysMs: [0.25], stages: undefined },
});

test('figures are medians over the rounds, and compared with the proxy of the same round', () => {
  const samples = [
    ...[sample('proxy', 1, 50), sample('proxy', 2, 80), sample('proxy', 3, 51)],
    ...[sample('runs', 1, 54), sample('runs', 2, 85), sample('runs', 3, 55.5)],
    { ...sample('runs', 3, 55.5), stages: { begin: 1, dispatch: 0.5, read: 0.25, sendOn: 0.5, accept: 3 } },
  ];
  const [proxy, runs] = linesOf(samples);
  expect(proxy).toMatchObject({ way: 'proxy', figures: { ttftP50: 51 }, beyond: { ttftP50: 0 }, stages: {} });
  expect(runs).toMatchObject({ way: 'runs', figures: { ttftP50: 55.5 }, beyond: { ttftP50: 4.5 } });
  expect(timesTable(linesOf(samples)).split('\n').at(-1)).toContain(
    '| everytoken, /runs | 55.50 (+4.50) | 55.50 (+4.50) | 1.00 (+0.00) |',
  );
  expect(stagesTable(linesOf(samples)).split('\n').slice(2)).toEqual([
    '| everytoken, /runs | 1.00 | 0.50 | 0.25 | 0.50 | 3.00 |',
  ]);
});

test('p90 of a round is above its median, and negative differences show their sign', () => {
  const round = Array.from({ length: 11 }, (_, at) => sample('direct', 1, 50 + at));
  const [direct] = linesOf([...round, sample('proxy', 1, 57)]);
  expect(direct?.figures).toMatchObject({ ttftP50: 55, ttftP90: 59 });
  expect(timesTable(direct ? [direct] : [])).toContain('55.00 (−2.00)');
});
