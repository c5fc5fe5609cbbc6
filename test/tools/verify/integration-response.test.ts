import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyOf, integrationResponseOf } from '../../../tools/verify/runtime/integration-response.ts';
import type { Arrival, Outcome } from '../../../tools/verify/runtime/outcome.ts';

const contentType = 'application/vnd.awslambda.http-integration-response';
const outcomeOf = (arrivals: Arrival[], own: Partial<Outcome> = {}): Outcome => ({
  ...{ streamed: true, contentType, arrivals, error: undefined },
  ...own,
});
const arrival = (bytes: Uint8Array, atMs = 0): Arrival => ({ atMs, bytes: Buffer.from(bytes) });
const metadata = { statusCode: 207, headers: { 'content-type': 'text/plain' } };
const whole = (body: Uint8Array) =>
  Buffer.concat([Buffer.from(JSON.stringify(metadata)), Buffer.alloc(8), body]);

/** Splits bytes at these positions. */
const cutAt = (bytes: Buffer, places: number[]): Arrival[] => {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return borders.slice(1).map((end, at) => arrival(bytes.subarray(borders[at], end), at));
};

describe('an integration response', () => {
  test('is parsed alike however it is split, whatever bytes the body has', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat(400)), (body, places) => {
        const outcome = outcomeOf(cutAt(whole(body), places));
        const read = integrationResponseOf(outcome);
        expect([read.status, read.headers]).toEqual([207, metadata.headers]);
        expect(read.body.equals(body)).toBe(true);
        const pieces = bodyOf(outcome.arrivals, read.preludeBytes).map(({ bytes }) => bytes);
        expect(Buffer.concat(pieces).equals(body)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['was not streamed', { streamed: false }, 'not streamed'],
    ['has another content type', { contentType: 'application/octet-stream' }, 'application/octet-stream'],
    ['has seven NUL bytes', { arrivals: [arrival(Buffer.from('{}\0\0\0\0\0\0\0'))] }, 'eight NUL bytes'],
  ])('that %s is refused by name', (_, own, reason) => {
    expect(() => integrationResponseOf(outcomeOf([arrival(whole(Buffer.from('x')))], own))).toThrow(reason);
  });
});
