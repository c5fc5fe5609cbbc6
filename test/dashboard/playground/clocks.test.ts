import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alignClocks, pointsOf } from '../../../dashboard/pages/playground/clocks.ts';

const ms = (max: number) => fc.double({ min: 0, max, noNaN: true });

/** A stream as it was: t0 on the page's clock, the way of the request, and events with the ways that they took. */
const stream = fc.record({
  t0: ms(1e6),
  request: ms(500),
  events: fc.array(fc.record({ sent: ms(60_000), way: ms(500) }), { minLength: 1 }),
  wallError: fc.double({ min: -1_000, max: 1_000, noNaN: true }),
});

const instantsOf = ({
  t0,
  request,
  events,
  wallError,
}: typeof stream extends fc.Arbitrary<infer S> ? S : never) => ({
  asked_ms: t0 - request,
  events: events.map(({ sent, way }) => ({ sent_ms: sent, arrived_ms: t0 + sent + way })),
  wall_t0_ms: t0 + wallError,
});

describe('the alignment of two clocks', () => {
  test('has bounds that hold the true t0, whatever the ways took and however wrong the wall clock is', () => {
    fc.assert(
      fc.property(stream, (drawn) => {
        const aligned = alignClocks(instantsOf(drawn));
        const rounding = 1e-6;
        expect(aligned?.low_ms).toBeLessThanOrEqual(drawn.t0 + rounding);
        expect(aligned?.high_ms).toBeGreaterThanOrEqual(drawn.t0 - rounding);
        expect(aligned?.t0_ms).toBeGreaterThanOrEqual((aligned?.low_ms ?? Number.NaN) - rounding);
        expect(aligned?.t0_ms).toBeLessThanOrEqual((aligned?.high_ms ?? Number.NaN) + rounding);
      }),
    );
  });

  test('believes the wall clocks within the bounds, and takes the middle where they are outside', () => {
    const instants = { asked_ms: 100, events: [{ sent_ms: 10, arrived_ms: 130 }] };
    expect(alignClocks({ ...instants, wall_t0_ms: 104 })).toMatchObject({ t0_ms: 104, by: 'wall clock' });
    expect(alignClocks({ ...instants, wall_t0_ms: 900 })).toMatchObject({ t0_ms: 110, by: 'middle' });
    expect(alignClocks({ ...instants, wall_t0_ms: undefined })).toMatchObject({ low_ms: 100, high_ms: 120 });
  });

  test('needs an event', () => {
    expect(alignClocks({ asked_ms: 0, events: [], wall_t0_ms: 0 })).toBeUndefined();
  });
});

describe('the three points of a token', () => {
  test('keep their order, and the true arrival lies within the uncertainty of the last one', () => {
    fc.assert(
      fc.property(stream, (drawn) => {
        const aligned = alignClocks(instantsOf(drawn));
        for (const { sent, way } of drawn.events) {
          if (!aligned) throw new Error('not aligned');
          const arrived_ms = drawn.t0 + sent + way;
          const points = pointsOf({ t_ms: sent, sent_ms: sent, arrived_ms }, aligned);
          expect(points.page_ms - points.early_ms).toBeLessThanOrEqual(sent + way + 1e-6);
          expect(points.page_ms + points.late_ms).toBeGreaterThanOrEqual(sent + way - 1e-6);
          expect(points.page_ms).toBeGreaterThanOrEqual(points.gateway_ms - 1e-6);
        }
      }),
    );
  });
});
