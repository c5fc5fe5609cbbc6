import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeLineReader } from '../../../../../tools/bench/truth/clients/timed-lines.ts';
import { eventMaker } from '../../../../../tools/bench/truth/sse-events.ts';

const event = eventMaker('chatcmpl-1', 'split');
const body = Buffer.from(
  [event.role(), ': keep-alive\n\n', event.content([' naïve', ' 🙂'], true), 'data: [DONE]\n\n'].join(''),
);

test('a line has the instant of the part that completes it, and an empty line is none', () => {
  const readLines = makeLineReader();
  const cut = body.indexOf('🙂') + 2;
  expect(readLines(body.subarray(0, cut), 10).map(({ kind, tMs }) => [kind, tMs])).toEqual([
    ['chunk', 10],
    ['comment', 10],
  ]);
  const [chunk, done] = readLines(body.subarray(cut), 20);
  expect(chunk).toMatchObject({ tMs: 20, chunk: { choices: [{ delta: { content: ' naïve 🙂' } }] } });
  expect(done).toEqual({ tMs: 20, kind: 'done' });
});

test('the lines are the same however the body is cut', () => {
  const whole = makeLineReader()(body, 0);
  fc.assert(
    fc.property(fc.array(fc.nat(body.length)), (cuts) => {
      const readLines = makeLineReader();
      const ends = [...cuts, body.length].toSorted((a, b) => a - b);
      const lines = ends.flatMap((end, at) => readLines(body.subarray(ends[at - 1] ?? 0, end), 0));
      expect(lines).toEqual(whole);
    }),
  );
});
