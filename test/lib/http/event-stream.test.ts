import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeEvent, makeEventStream, withLateField } from '../../../lib/http/event-stream.ts';

const makeStream = (maxUnsentBytes: number) =>
  makeEventStream({ maxUnsentBytes, commentMs: 60_000, overflow: () => encodeEvent('overflow', {}) });
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test('an event with a late field is the event with that field, encoded at the end, and in the order of sending', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }))),
      async (events) => {
        const stream = makeStream(Number.MAX_SAFE_INTEGER);
        let isHanded = false;
        for (const [text, value] of events) {
          const late = withLateField('token', { index: 0, text }, 'sent_ms', () => (isHanded ? value : -1));
          stream.send(late);
          isHanded = true;
          expect(late.encode().byteLength).toBeLessThanOrEqual(late.maxBytes);
          isHanded = false;
        }
        stream.end(encodeEvent('last', {}));
        isHanded = true;
        const expected = [
          ...events.map(([text, value]) => encodeEvent('token', { index: 0, text, sent_ms: value })),
          encodeEvent('last', {}),
        ];
        expect(await new Response(stream.body).text()).toBe(expected.map(textOf).join(''));
      },
    ),
  );
});

test('events with late fields fill the buffer of a slow reader like others, and end the stream when it is full', async () => {
  const most = 2_000;
  const stream = makeStream(most);
  for (let at = 0; at < 1_000; at += 1)
    stream.send(withLateField('token', { text: 'wörd' }, 'sent_ms', () => 0.1 + 0.2));
  const text = await new Response(stream.body).text();
  expect(text.endsWith(textOf(encodeEvent('overflow', {})))).toBe(true);
  expect(Buffer.byteLength(text)).toBeGreaterThan(most / 3);
  expect(Buffer.byteLength(text)).toBeLessThan(most + 200);
});
