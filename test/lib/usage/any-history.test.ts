import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acceptRun } from '../../../lib/lifecycle/accept.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { emitPending } from '../../../lib/lifecycle/emit.ts';
import { parseRunRequest } from '../../../lib/runs/request.ts';
import { readUsage } from '../../../lib/usage/read.ts';
import { freshSeed } from '../../../local/model/random.ts';
import { type Fault, makeFaults } from '../../crash/faults.ts';
import { makeMachine } from '../../crash/machine.ts';
import { makeFigures } from '../../factories/run.ts';
import { makeWorld } from '../../memory/world.ts';

const HISTORIES = 150;
const CALLER = 'docs';
const LABELS = ['a', 'b'];
const TEAMS = ['red', 'blue'];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The usage of one run, noted when it is asked for and when it ends. */
type Noted = { day: string; team: string; label: string; tokens: number[]; isFailed: boolean };

const makeHistory = () => {
  const world = makeWorld({ usageKeys: ['team'], retentionDays: 2 });
  const plan = new Map<number, Fault>();
  const faults = makeFaults(plan);
  const machine = makeMachine(world, faults);
  const noted = new Map<string, Noted>();
  let asked = 0;

  /** Acts as a worker of its own, which meets this fault at that effect; undefined for none. */
  const attempt = async (
    mishap: Mishap,
    act: (deps: ReturnType<typeof machine.worker>) => Promise<unknown>,
  ) => {
    if (mishap) plan.set(faults.effects.length + mishap.at, mishap.fault);
    await act(machine.worker()).catch(() => undefined);
    plan.clear();
  };
  const pick = (at: number): string | undefined => [...noted.keys()][at % Math.max(1, noted.size)];

  return {
    world,
    machine,
    noted,
    accept: async (choice: number, mishap: Mishap) => {
      asked += 1;
      const [label = '', team = ''] = [LABELS[choice % 2], TEAMS[(choice >> 1) % 2]];
      const body = {
        prompt: `order ${asked}`,
        background: true,
        samples: 2,
        metadata: { team, order: `${asked}` },
        settings: [{ label }],
      };
      const request = parseRunRequest(body, world.defaults);
      // The list's first entry has the names of a run; without it, nothing but the run's end tells them.
      const act = (deps: ReturnType<typeof machine.worker>) =>
        acceptRun(
          { body, request, caller: CALLER, direct: false },
          { ...deps, list: world.list, runs: world.runs },
        );
      await attempt(mishap, act);
      const run = [...world.runs.runs.values()].at(-1);
      if (!run || noted.has(run.id)) return;
      noted.set(run.id, { day: run.createdAt.slice(0, 10), team, label, tokens: [], isFailed: false });
    },
    end: async (at: number, isFailed: boolean, mishap: Mishap) => {
      const id = pick(at);
      const before = id === undefined ? undefined : await world.runs.get(id);
      if (before?.status !== 'queued') return;
      const tokens = [at + 1, 2 * at];
      const ended = await world.runs.change(
        before.id,
        {
          status: isFailed ? 'failed' : 'completed',
          generations: tokens.map((completionTokens) => makeFigures({ completionTokens })),
          pending: [isFailed ? 'RunFailed' : 'RunCompleted'],
          dueAt: world.clock.now() + MINUTE,
          ...(isFailed && { error: { code: 'x', message: 'y' } }),
        },
        { status: ['queued'] },
      );
      assert.ok(ended);
      Object.assign(noted.get(before.id) ?? {}, { tokens, isFailed });
      await attempt(mishap, (deps) => emitPending(ended, deps));
    },
    remove: async (at: number, mishap: Mishap) => {
      const id = pick(at);
      if (id !== undefined) await attempt(mishap, (deps) => deleteRun(id, CALLER, deps));
    },
    sweep: async (isReconciling: boolean, mishap: Mishap) => {
      if (mishap) plan.set(faults.effects.length + mishap.at, mishap.fault);
      await machine.sweepOnce(isReconciling ? 'all' : undefined);
      plan.clear();
    },
    wait: (minutes: number) => world.clock.advance(minutes * MINUTE),
  };
};
type History = ReturnType<typeof makeHistory>;

type Mishap = { at: number; fault: Fault } | undefined;
const mishap: fc.Arbitrary<Mishap> = fc.option(
  fc.record({
    at: fc.integer({ min: 1, max: 8 }),
    fault: fc.constantFrom<Fault>('refused', 'lost', 'repeated', 'crash before', 'crash after'),
  }),
  { nil: undefined },
);
const few = fc.nat({ max: 12 });
const step = fc.oneof(
  fc
    .tuple(few, mishap)
    .map((a) => ({ name: `accept(${JSON.stringify(a)})`, act: (h: History) => h.accept(...a) })),
  fc
    .tuple(few, mishap)
    .map((a) => ({ name: `accept(${JSON.stringify(a)})`, act: (h: History) => h.accept(...a) })),
  fc
    .tuple(few, fc.boolean(), mishap)
    .map((a) => ({ name: `end(${JSON.stringify(a)})`, act: (h: History) => h.end(...a) })),
  fc
    .tuple(few, fc.boolean(), mishap)
    .map((a) => ({ name: `end(${JSON.stringify(a)})`, act: (h: History) => h.end(...a) })),
  fc
    .tuple(few, mishap)
    .map((a) => ({ name: `remove(${JSON.stringify(a)})`, act: (h: History) => h.remove(...a) })),
  fc
    .tuple(fc.boolean(), mishap)
    .map((a) => ({ name: `sweep(${JSON.stringify(a)})`, act: (h: History) => h.sweep(...a) })),
  fc
    .oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 2_000 }))
    .map((a) => ({ name: `wait(${a})`, act: (h: History) => h.wait(a) })),
);

/** Ends what is left, and sweeps until all periods that were marked are summed. */
const settle = async (history: History): Promise<void> => {
  for (let at = 0; at < history.noted.size; at += 1) await history.end(at, false, undefined);
  await history.machine.untilQuiet();
};

/** Requests, failed requests, outputs and tokens of each group, by the notes alone. */
const expectedBy = ({ noted, world }: History, key: (run: Noted) => string) => {
  const groups = new Map<string, number[]>();
  for (const [id, run] of noted) {
    const sums = groups.get(key(run)) ?? [0, 0, 0, 0];
    const entry = [...world.list.entries.values()].find((one) => one.id === id);
    // Whether a run had failed is lost with a run that was deleted before its end was entered in the list.
    const isFailed = run.isFailed && (entry?.status !== 'deleted' || entry.hasFailed === true);
    const added = [1, isFailed ? 1 : 0, run.tokens.length, run.tokens.reduce((a, b) => a + b, 0)];
    groups.set(
      key(run),
      sums.map((sum, at) => sum + (added[at] ?? 0)),
    );
  }
  return Object.fromEntries(groups);
};

const summedBy = async ({ world }: History, by: 'label' | 'day' | 'team') => {
  const groupBy = by === 'team' ? ({ by: 'metadata', key: 'team' } as const) : { by };
  const until = new Date(Math.ceil(world.clock.now() / DAY + 1) * DAY);
  const since = new Date(until.getTime() - 400 * DAY);
  // No run is read: all sums are those of the days.
  const clock = { now: () => until.getTime() + DAY };
  const query = { since: since.toISOString(), until: until.toISOString(), groupBy: [groupBy] };
  const report = await readUsage(query, [CALLER], { ...world, clock, maxRuns: 0 });
  assert.equal(report.truncated, false);
  return Object.fromEntries(
    report.groups.map((group) => [
      group.key,
      [group.requests, group.failed_requests, group.generations, group.completion_tokens],
    ]),
  );
};

test('sums of days are those of the runs, whenever these ended, were deleted or lost their worker', async () => {
  const seed = freshSeed();
  let late = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      const history = makeHistory();
      for (const { act } of steps) await act(history);
      await settle(history);
      assert.deepEqual(
        await summedBy(history, 'day'),
        expectedBy(history, ({ day }) => day),
      );
      assert.deepEqual(
        await summedBy(history, 'label'),
        expectedBy(history, ({ label }) => label),
      );
      assert.deepEqual(
        await summedBy(history, 'team'),
        expectedBy(history, ({ team }) => team),
      );
      late += [...history.world.totals.periods.values()].filter(
        ({ period, version }) => period.kind === 'HOUR' && version > 1,
      ).length;
    }),
    { numRuns: HISTORIES, seed },
  );
  console.log(`${HISTORIES} histories agree with their notes, ${late} hours summed again, seed ${seed}`);
  expect(late).toBeGreaterThan(0);
}, 120_000);
