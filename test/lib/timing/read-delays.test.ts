import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ProcessReadings, watchReadDelays } from '../../../lib/timing/read-delays.ts';

/** A process whose time passes by hand: at rest, busy, or ready without a CPU. */
const makeProcess = ({ isMeasured = true } = {}) => {
  let now = 1_000;
  let idle = 300;
  let cpuWait = 50;
  const readings: ProcessReadings = {
    idleMs: () => idle,
    cpuWaitMs: () => (isMeasured ? cpuWait : null),
  };
  return {
    readings,
    now: () => now,
    rest(ms: number) {
      now += ms;
      idle += ms;
    },
    work(ms: number) {
      now += ms;
    },
    /** The loop is woken, as it believes, this much later: it does not count that as work. */
    waitForCpu(ms: number) {
      now += ms;
      idle += ms;
      cpuWait += ms;
    },
  };
};

const start = (process: ReturnType<typeof makeProcess>) => {
  const watch = watchReadDelays(process.now(), process.readings);
  const marks: { tR?: number; t1?: number; tO?: number; tL?: number; tE?: number } = {};
  return {
    watch,
    marks,
    read(...names: (keyof typeof marks)[]) {
      watch.read(process.now());
      for (const name of names) marks[name] = process.now();
      watch.bound(marks);
    },
    delays: () => watch.delays(marks),
  };
};

describe('the bound of a read', () => {
  test('is the work since the loop last rested', () => {
    const process = makeProcess();
    const { read, delays } = start(process);
    process.work(2);
    process.rest(100);
    process.work(7);
    read('tR', 't1', 'tO', 'tL', 'tE');
    expect(delays()?.t1).toBeCloseTo(9);
  });

  test('leaves out work before a sample that a rest follows', () => {
    const process = makeProcess();
    const { watch, read, delays } = start(process);
    process.work(20);
    watch.sample(process.now());
    process.rest(100);
    process.work(3);
    read('t1', 'tL', 'tE');
    expect(delays()?.t1).toBeCloseTo(3);
  });

  test('holds the work of a stretch in which another read was sampled', () => {
    const process = makeProcess();
    const { read, delays } = start(process);
    process.rest(50);
    read();
    process.rest(50);
    process.work(8);
    read();
    process.work(1);
    read('t1', 'tL', 'tE');
    expect(delays()?.t1).toBeCloseTo(9);
  });

  test('takes a pass through the poll for no rest', () => {
    const process = makeProcess();
    const { read, delays } = start(process);
    process.rest(50);
    read();
    process.work(8);
    read();
    process.rest(0.01);
    read('t1', 'tL', 'tE');
    expect(delays()?.t1).toBeCloseTo(8);
  });

  test('holds the time that the woken process waited for a CPU', () => {
    const process = makeProcess();
    const { read, delays } = start(process);
    process.rest(100);
    process.waitForCpu(12);
    read('t1', 'tL');
    process.rest(100);
    read('tE');
    expect(delays()).toEqual({ t1: expect.closeTo(12), tL: expect.closeTo(12), tE: expect.closeTo(0) });
  });

  test('does not add up over a stream whose every read waits a little for a CPU', () => {
    const process = makeProcess();
    const { read, delays } = start(process);
    for (const at of Array.from({ length: 100 }).keys()) {
      process.rest(10);
      process.waitForCpu(0.5);
      read(...(at === 0 ? (['t1', 'tL'] as const) : at === 99 ? (['tE'] as const) : (['tL'] as const)));
    }
    // The last waits of 0.5 ms came in the 10.5 ms since the read before.
    expect(delays()).toEqual({ t1: expect.closeTo(0.5), tL: expect.closeTo(10.5), tE: expect.closeTo(10.5) });
  });

  test('is exact where the wait for a CPU is sampled before and after it', () => {
    const process = makeProcess();
    const { watch, read, delays } = start(process);
    for (const at of Array.from({ length: 20 }).keys()) {
      process.rest(10);
      process.waitForCpu(0.5);
      read(...(at === 0 ? (['t1', 'tL'] as const) : (['tL'] as const)));
    }
    watch.sample(process.now());
    process.rest(10);
    process.waitForCpu(0.5);
    read('tE');
    expect(delays()?.tE).toBeCloseTo(0.5);
  });

  test('is that of the last payload, whatever follows it', () => {
    const process = makeProcess();
    const { read, delays } = start(process);
    process.rest(100);
    read('t1', 'tL');
    process.rest(10);
    process.work(4);
    read('tL');
    process.rest(10);
    process.work(9);
    read('tE');
    expect(delays()).toEqual({ t1: expect.closeTo(0), tL: expect.closeTo(4), tE: expect.closeTo(9) });
  });

  test('is unknown where the system does not count the wait for a CPU', () => {
    const process = makeProcess({ isMeasured: false });
    const { read, delays } = start(process);
    process.rest(100);
    read('t1', 'tL', 'tE');
    expect(delays()).toBeNull();
  });

  test('is missing for an end that no read has set', () => {
    const process = makeProcess();
    const { read, marks, delays } = start(process);
    process.rest(100);
    read('t1', 'tL');
    marks.tE = process.now() + 30_000;
    expect(delays()).not.toHaveProperty('tE');
  });

  test('covers a whole document, which is parsed at the end of its body', () => {
    const process = makeProcess();
    const { watch, marks, delays } = start(process);
    process.rest(100);
    process.work(5);
    const arrived = process.now();
    watch.read(arrived);
    watch.bound(marks);
    process.rest(1);
    watch.read(process.now());
    Object.assign(marks, { tR: arrived, t1: arrived, tO: arrived, tL: arrived, tE: process.now() });
    watch.bound(marks);
    expect(delays()).toMatchObject({ t1: expect.closeTo(5), tL: expect.closeTo(5), tE: expect.closeTo(0) });
  });

  // Each step: bytes arrive `ago` of the way through a stretch of work or a wait for a CPU, which a rest comes before.
  const step = fc.record({
    rest: fc.double({ min: 0.1, max: 50, noNaN: true }),
    work: fc.double({ min: 0, max: 20, noNaN: true }),
    cpuWait: fc.double({ min: 0, max: 20, noNaN: true }),
    workFirst: fc.boolean(),
    waited: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test('is never below the time that the bytes of a mark waited', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), fc.nat(199), (steps, first) => {
        const process = makeProcess();
        const { read, marks, delays } = start(process);
        const t1At = first % steps.length;
        const waited: Record<string, number> = {};
        for (const [at, { rest, work, cpuWait, workFirst, waited: share }] of steps.entries()) {
          process.rest(rest);
          if (workFirst) process.work(work);
          if (cpuWait > 0) process.waitForCpu(cpuWait);
          if (!workFirst) process.work(work);
          // A wait in which the loop slept was caused by these bytes; work before it was over when they came.
          const most = workFirst && cpuWait > 0 ? cpuWait : work + cpuWait;
          if (at < t1At) {
            read();
            continue;
          }
          read(...(marks.t1 === undefined ? (['t1'] as const) : []), 'tL', 'tE');
          waited.t1 ??= share * most;
          waited.tL = share * most;
          waited.tE = share * most;
        }
        const bounds = delays() ?? {};
        for (const mark of ['t1', 'tL', 'tE'] as const)
          expect((bounds[mark] ?? Number.NaN) + 1e-6).toBeGreaterThanOrEqual(waited[mark] ?? 0);
      }),
    );
  });
});
