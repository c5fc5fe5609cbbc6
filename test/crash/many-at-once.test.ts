import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cancelRun } from '../../lib/lifecycle/cancel.ts';
import { deleteRun } from '../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { audit, repairAll } from '../../lib/operate/audit/audit.ts';
import { freshSeed, seededRandom } from '../../local/model/random.ts';
import { makeMemoryScan } from '../memory/audit-ports.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { type Happening, runAtOnce } from './crowd.ts';
import { FAULTS } from './faults.ts';
import { expectAllEnded } from './invariant.ts';
import { endOf, generateAnew, KINDS, promptOf } from './reference.ts';

const ORDERS = 150;
const CALLER = 'docs';

type Made = (world: World) => Happening;

const kind = fc.constantFrom(...KINDS);
/** The same key always has the same request, concurrently or later. */
const start = fc
  .record({
    kind,
    key: fc.constantFrom('one', 'two', 'three'),
    background: fc.boolean(),
    store: fc.boolean(),
  })
  .map(
    ({ kind, key, background, store }): Made =>
      () =>
      async (machine) => {
        const prompt = promptOf(kind, key);
        // Of a run with `store: false` the metadata alone still says how it is to end.
        const body = { prompt, samples: 2, background, store, metadata: { prompt: kind } };
        const options = { caller: CALLER, idempotencyKey: `${kind} ${key} ${background} ${store}` };
        const started = await makeStartRun(machine.worker())(body, options);
        if (started.kind === 'started') await started.done;
      },
  );
/** Few names and contents, so that files are dropped again and overwritten. */
const drop = fc.tuple(fc.constantFrom('a', 'b'), fc.array(kind, { minLength: 1, maxLength: 3 })).map(
  ([name, kinds]): Made =>
    (world) =>
    async (machine) => {
      const prompts = kinds.map((each) => ({ prompt: promptOf(each, 'line') }));
      const event = world.drop(`prompts/${name}.json`, JSON.stringify(prompts));
      await machine.objects.send(event);
      await machine.objects.send(event);
    },
);
const remove = fc.nat({ max: 5 }).map(
  (pick): Made =>
    (world) =>
    async (machine) => {
      const runs = [...world.runs.runs.values()];
      const run = runs[pick % Math.max(1, runs.length)];
      if (run) await deleteRun(run.id, run.caller, machine.worker());
    },
);
const cancel = fc.nat({ max: 5 }).map(
  (pick): Made =>
    (world) =>
    async (machine) => {
      const runs = [...world.runs.runs.values()];
      const run = runs[pick % Math.max(1, runs.length)];
      if (run) await cancelRun(run.id, run.caller, machine.worker());
    },
);
const fault = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.constantFrom(...FAULTS));

/**
 * Checks that every run ended as its prompt says, or was cancelled or deleted; only a run that lost five workers may
 * have failed instead.
 */
const expectEndsByPrompt = ({ runs }: World) => {
  for (const { id, status, request, metadata, attempts, error } of runs.runs.values()) {
    if (status === 'deleted' || (status === 'cancelled' && error?.code === 'cancelled')) continue;
    const { prompt = '' } = request === null ? metadata : JSON.parse(request);
    const hasGivenUp = error?.code === 'attempts_exhausted' && attempts >= 5;
    assert.ok(status === endOf({ prompt }) || hasGivenUp, `${id} is ${status}: ${error?.code}`);
  }
};

/** Checks that the audit finds nothing but outputs of lost leases, and that its repair removes them. */
const expectAuditSilent = async (world: World) => {
  const look = () => audit({ ...world.deps, scan: makeMemoryScan(world) });
  const { findings } = await look();
  assert.deepEqual(
    findings
      .filter(({ kind: found }) => found !== 'orphaned_objects')
      .map(({ kind: found, id }) => [found, id]),
    [],
  );
  await repairAll(findings);
  assert.deepEqual((await look()).findings, []);
};

test('many concurrent runs and files each reach their one end, in any order of their effects and with any faults', async () => {
  const seed = freshSeed();
  const sums = { steps: 0, runs: 0, files: 0 };
  const happenings = fc.array(fc.oneof(start, start, start, drop, drop, cancel, remove), {
    minLength: 3,
    maxLength: 9,
  });
  const faults = fc.uniqueArray(fault, { maxLength: 6, selector: ([at]) => at });
  await fc.assert(
    fc.asyncProperty(happenings, faults, fc.nat(), async (made, plan, order) => {
      const world = makeWorld({ generateOne: generateAnew() });
      const all = made.map((make) => make(world));
      sums.steps += await runAtOnce(world, all, { plan: new Map(plan), random: seededRandom(order) });
      await expectAllEnded(world);
      expectEndsByPrompt(world);
      await expectAuditSilent(world);
      sums.runs += world.runs.runs.size;
      sums.files += world.files.files.size;
    }),
    { numRuns: ORDERS, seed },
  );
  console.log(
    `${ORDERS} orders, ${sums.steps} steps, ${sums.runs} runs and ${sums.files} files end as they must, seed ${seed}`,
  );
  expect(sums.runs).toBeGreaterThan(ORDERS);
}, 240_000);
