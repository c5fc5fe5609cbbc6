import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../lib/json/canonical-json.ts';
import { cancelRun } from '../../lib/lifecycle/cancel.ts';
import { deleteRun } from '../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { keyedRunId } from '../../lib/runs/keys.ts';
import type { RunStatus } from '../../lib/runs/run.ts';
import { makeSearchOutputs } from '../../lib/search/search-outputs.ts';
import { readRun } from '../fixtures/run-view.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { FAULTS, type Fault, makeFaults } from './faults.ts';
import { makeMachine } from './machine.ts';
import {
  emptyReference,
  endOf,
  expectedTexts,
  expectShown,
  generateByReference,
  KINDS,
  type Kind,
  type KnownRun,
  promptOf,
  type Reference,
  visibleRuns,
} from './reference.ts';

const CALLER = 'docs';
const FILE_CALLER = 'files';

/** The implementation on memory ports, with a plan of faults that each command resets. */
const makeReal = () => {
  const world = makeWorld({ generateOne: generateByReference() });
  const plan = new Map<number, Fault>();
  const faults = makeFaults(plan);
  return { world, plan, faults, machine: makeMachine(world, faults), events: [] as Dropped[] };
};
export type Real = ReturnType<typeof makeReal>;
type Dropped = ReturnType<World['drop']>;

/** A fault at the effect with this number (from 1) of a command; null for none. */
type Mishap = { at: number; fault: Fault } | null;

export type Command = fc.AsyncCommand<Reference, Real>;

/** Runs a command's action with its fault. Returns whether the fault was reached, and the outcome. */
const attempt = async <T>(
  { plan, faults }: Real,
  model: Reference,
  mishap: Mishap,
  act: () => Promise<T>,
): Promise<{ met: boolean; value?: T; error?: { code?: string } }> => {
  const at = faults.effects.length + (mishap?.at ?? 0);
  if (mishap) plan.set(at, mishap.fault);
  const met = () => {
    plan.clear();
    const isMet = mishap !== null && faults.effects.length >= at;
    if (isMet && mishap.fault.startsWith('crash')) model.crashes += 1;
    return isMet;
  };
  try {
    const value = await act();
    return { met: met(), value };
  } catch (error) {
    return { met: met(), error: error as { code?: string } };
  }
};

const command = (name: string, run: (model: Reference, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    await expectAgreement(model, real);
  },
  toString: () => name,
});

/** Checks that every run shows its expected state, to its caller alone, and that there is no other run. */
const expectAgreement = async (model: Reference, { world }: Real): Promise<void> => {
  for (const known of model.runs.values()) {
    await assert.rejects(readRun(known.id, 'stranger', world), { code: 'not_found' });
    if (known.seen === 'deleted') {
      await assert.rejects(readRun(known.id, CALLER, world), { code: 'gone' });
      continue;
    }
    const view = await readRun(known.id, CALLER, world);
    expectShown(known, view, model.crashes);
    known.seen = view.status;
  }
  const { runs } = await world.listRuns({ caller: CALLER, limit: 100 });
  expectListed(model, runs);
};

/** The list may lack a run, or still have it, whose acceptance or deletion met a fault, until the sweep has come by. */
const expectListed = (model: Reference, listed: readonly { id: string }[]): void => {
  const certain = (ids: string[]) => new Set(ids.filter((id) => !model.runs.get(id)?.hasMetFault));
  const visible = visibleRuns(model).map(({ id }) => id);
  assert.deepEqual(certain(listed.map(({ id }) => id)), certain(visible));
};

type Asked = {
  kind: Kind;
  key: string | undefined;
  outputs: number;
  background: boolean;
  index: boolean;
  mishap: Mishap;
};

/** A request, direct or in the background; with a key it may repeat an earlier one, or reuse its key. */
const start = ({ kind, key, outputs, background, index, mishap }: Asked): Command =>
  command(
    `start(${JSON.stringify({ kind, key, outputs, background, index, mishap })})`,
    async (model, real) => {
      model.asked += 1;
      const prompt = promptOf(kind, key ?? `order ${model.asked}`);
      const body = { prompt, samples: outputs, background, index };
      const known = key === undefined ? undefined : model.runs.get(keyedRunId(CALLER, key));
      const before = known && structuredClone(known);
      const startRun = makeStartRun(real.machine.worker());
      const options = { caller: CALLER, ...(key !== undefined && { idempotencyKey: key }) };
      const { met, value, error } = await attempt(real, model, mishap, async () => {
        const started = await startRun(body, options);
        return { started, ended: started.kind === 'started' ? await started.done : undefined };
      });
      const json = canonicalJson(body);
      if (before) {
        if (met) return;
        if (before.body !== json) assert.equal(error?.code, 'idempotency_key_reused');
        else if (before.seen === 'deleted') assert.equal(error?.code, 'gone');
        else {
          const isAnswered = before.seen !== 'queued' && before.seen !== 'generating';
          assert.equal(value?.started.kind, isAnswered ? 'replayed' : background ? 'queued' : 'running');
          assert.equal(value.started.run.id, before.id);
        }
        return;
      }
      const asked = {
        prompt,
        outputs,
        indexed: index,
        background,
        key,
        body: json,
        seen: 'queued' as const,
        isCancelRequested: false,
      };
      const accepted = value?.started.run.id ?? (await findNew(model, real, prompt));
      if (accepted === undefined) {
        assert.ok(met, `nothing was accepted: ${error?.code}`);
        return;
      }
      const run: KnownRun = { ...asked, id: accepted, hasMetFault: met };
      model.runs.set(accepted, run);
      if (met || !value) return;
      assert.equal(value.started.kind, background ? 'queued' : 'started');
      if (value.ended) {
        expectShown(run, value.ended, model.crashes);
        assert.ok(['generated', 'completed', 'failed'].includes(value.ended.status));
      }
    },
  );

/**
 * Finds a run whose answer the client did not get, by its prompt, which no other run has. Its list may lack it until it
 * has ended.
 */
const findNew = async (model: Reference, { world }: Real, prompt: string): Promise<string | undefined> => {
  for (const { id, caller } of world.runs.runs.values()) {
    if (caller !== CALLER || model.runs.has(id)) continue;
    if ((await readRun(id, CALLER, world)).prompt === prompt) return id;
  }
  return undefined;
};

const drop = (name: string, kinds: Kind[]): Command =>
  command(`drop(${name}, ${kinds.join(' ')})`, async (model, { world, machine, events }) => {
    const key = `prompts/${name}.json`;
    const prompts = kinds.map((kind) => promptOf(kind, `line of ${name}`));
    model.files.push({ key, prompts });
    const event = world.drop(key, JSON.stringify(prompts.map((prompt) => ({ prompt }))));
    events.push(event);
    await machine.objects.send(event);
  });

/** Delivers an earlier message again: an object's event, a run's job, or a RunGenerated. */
const redeliver = (what: 'object' | 'job' | 'event', pick: number): Command =>
  command(`redeliver(${what}, ${pick})`, async (model, { world, machine, events }) => {
    const at = <T>(all: T[]): T | undefined => all[pick % Math.max(1, all.length)];
    if (what === 'object') {
      const event = at(events);
      if (event) await machine.objects.send(event);
    } else if (what === 'job') {
      const run = at([...model.runs.values()]);
      if (run) await world.jobs.send({ type: 'run', run_id: run.id });
    } else {
      const event = at(world.bus.events.filter(({ type }) => type === 'RunGenerated'));
      const body = event && { source: 'everytoken', 'detail-type': event.type, detail: event.detail };
      if (body) await world.embedQueue.send(JSON.stringify(body));
    }
  });

const work = (messages: number, mishap: Mishap): Command =>
  command(`work(${messages}, ${JSON.stringify(mishap)})`, async (model, real) => {
    await attempt(real, model, mishap, async () => {
      for (let served = 0; served < messages; served += 1) if (!(await real.machine.serveOne())) break;
    });
  });

const advance = (seconds: number): Command =>
  command(`advance(${seconds} s)`, (_, { world }) => world.clock.advance(seconds * 1000));

const sweep = (isReconciling: boolean, mishap: Mishap): Command =>
  command(`sweep(${isReconciling ? 'all' : 'due'}, ${JSON.stringify(mishap)})`, async (model, real) => {
    await attempt(real, model, mishap, () => real.machine.sweepOnce(isReconciling ? 'all' : undefined));
  });

const remove = (pick: number, mishap: Mishap): Command =>
  command(`delete(${pick}, ${JSON.stringify(mishap)})`, async (model, real) => {
    const run = [...model.runs.values()][pick % Math.max(1, model.runs.size)];
    if (!run) return;
    const wasDeleted = run.seen === 'deleted';
    const worker = real.machine.worker();
    const { met, error } = await attempt(real, model, mishap, () => deleteRun(run.id, CALLER, worker));
    run.hasMetFault ||= met;
    if (!met) assert.equal(error?.code, wasDeleted ? 'gone' : undefined);
    // Only the run can tell whether a deletion that met a fault took effect; from then on it stays deleted.
    if (!met || (await isGone(run.id, real))) run.seen = 'deleted';
  });

const CANCELLABLE: RunStatus[] = ['queued', 'generating', 'cancelled'];

const cancel = (pick: number, mishap: Mishap): Command =>
  command(`cancel(${pick}, ${JSON.stringify(mishap)})`, async (model, real) => {
    const run = [...model.runs.values()][pick % Math.max(1, model.runs.size)];
    if (!run) return;
    run.isCancelRequested = true;
    const worker = real.machine.worker();
    const { met, value, error } = await attempt(real, model, mishap, () => cancelRun(run.id, CALLER, worker));
    if (value) assert.equal(value.status, 'cancelled');
    if (met) return;
    const refusal = run.seen === 'deleted' ? 'gone' : CANCELLABLE.includes(run.seen) ? undefined : 'conflict';
    assert.equal(error?.code, refusal);
  });

const isGone = (id: string, { world }: Real): Promise<boolean> =>
  readRun(id, CALLER, world).then(
    () => false,
    ({ code }) => code === 'gone',
  );

/** Reads all pages of a list: each visible run must be there once, newest first. */
const list = (limit: number): Command =>
  command(`list(${limit})`, async (model, { world }) => {
    const shown: { id: string; createdAt: string }[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await world.listRuns({ caller: CALLER, limit, ...(cursor && { cursor }) });
      shown.push(...page.runs);
      cursor = page.nextCursor;
    }
    assert.equal(new Set(shown.map(({ id }) => id)).size, shown.length);
    expectListed(model, shown);
    const times = shown.map(({ createdAt }) => createdAt);
    assert.deepEqual(times, times.toSorted().reverse());
  });

/** A search must find every completed output by its own words, and nothing of a deleted run or of another caller. */
const search = (pick: number): Command =>
  command(`search(${pick})`, async (model, real) => {
    const run = [...model.runs.values()][pick % Math.max(1, model.runs.size)];
    if (run) await expectFound(run, model, real);
  });

const expectFound = async (run: KnownRun, model: Reference, { world }: Real): Promise<void> => {
  const searchOutputs = makeSearchOutputs({ ...world.deps, index: world.vectors, getRun: world.runs.get });
  const { matches } = await searchOutputs(CALLER, { query: run.prompt, topK: 100, filter: {} });
  for (const { run_id, index, text } of matches) {
    const found = model.runs.get(run_id);
    assert.ok(found && found.seen !== 'deleted' && found.indexed);
    assert.equal(text, expectedTexts(found)[index]);
  }
  if (run.seen !== 'completed' || !run.indexed) return;
  const own = matches.filter(({ run_id }) => run_id === run.id).map(({ index }) => index);
  const all = expectedTexts(run).flatMap((text, index) => (text === null ? [] : [index]));
  assert.deepEqual(own.sort(), all);
};

/** Checks the final state: every run has its expected end, and the lines of the files have their texts. */
export const expectFinalState = async (model: Reference, real: Real): Promise<void> => {
  await expectAgreement(model, real);
  for (const run of model.runs.values()) {
    const isAsAsked = run.seen === endOf(run) || run.seen === 'deleted' || run.seen === 'cancelled';
    assert.ok(isAsAsked || model.crashes >= 5, `${run.id} is ${run.seen}`);
    await expectFound(run, model, real);
  }
  for (const { key, prompts } of newestOf(model)) {
    const rows = (await real.world.content.get(`results/${key}.jsonl`))
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row));
    const shown = rows.map(({ run }) => run);
    assert.deepEqual(
      shown.map((run) => run.prompt),
      prompts,
    );
    for (const run of shown) {
      if (run.status === 'failed' && model.crashes >= 5) continue;
      const texts = run.generations.map(({ text }: { text: string | null }) => text);
      assert.deepEqual(texts, expectedTexts({ prompt: run.prompt, outputs: 1 }));
    }
  }
  const lines = (await real.world.listRuns({ caller: FILE_CALLER, limit: 100 })).runs;
  assert.ok(lines.length <= model.files.flatMap(({ prompts }) => prompts).length);
};

const newestOf = ({ files }: Reference) => [...new Map(files.map((file) => [file.key, file])).values()];

const kind = fc.constantFrom(...KINDS);
const few = fc.nat({ max: 20 });
const mishap: fc.Arbitrary<Mishap> = fc.option(
  fc.record({ at: fc.integer({ min: 1, max: 14 }), fault: fc.constantFrom(...FAULTS) }),
  { freq: 2 },
);
const key = fc.option(fc.constantFrom('key 1', 'key 2', 'key 3'), { nil: undefined });
const asked = fc.record({
  ...{ kind, key, mishap },
  outputs: fc.integer({ min: 1, max: 2 }),
  background: fc.boolean(),
  index: fc.boolean(),
});

/** All commands of a history. */
export const COMMANDS = [
  asked.map(start),
  fc.tuple(fc.constantFrom('a', 'b'), fc.array(kind, { minLength: 1, maxLength: 3 })).map((a) => drop(...a)),
  fc.tuple(fc.constantFrom('object', 'job', 'event'), few).map((a) => redeliver(...a)),
  fc.tuple(fc.integer({ min: 1, max: 5 }), mishap).map((a) => work(...a)),
  fc.tuple(fc.integer({ min: 1, max: 5 }), mishap).map((a) => work(...a)),
  fc.constantFrom(1, 31, 61, 600, 3_700, 90_000).map(advance),
  fc.tuple(fc.boolean(), mishap).map((a) => sweep(...a)),
  fc.tuple(few, mishap).map((a) => remove(...a)),
  fc.tuple(few, mishap).map((a) => cancel(...a)),
  fc.constantFrom(1, 2, 3, 20).map(list),
  few.map(search),
];

/** The empty state in which a history begins. */
export const begin = () => ({ model: emptyReference(), real: makeReal() });
