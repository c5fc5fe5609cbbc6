import assert from 'node:assert/strict';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { unmarshall } from '../../lib/adapters/dynamodb/attribute-value.ts';
import * as indexes from '../../lib/adapters/dynamodb/indexes.ts';
import { migrateTable } from '../../lib/adapters/dynamodb/migrate.ts';
import { runOf } from '../../lib/adapters/dynamodb/run-item.ts';
import { makeDynamoRunList } from '../../lib/adapters/dynamodb/run-list.ts';
import * as runStore from '../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoShards } from '../../lib/adapters/dynamodb/table-record.ts';
import { makeDynamoUsageStore } from '../../lib/adapters/dynamodb/usage-store.ts';
import * as budget from '../../lib/budget/budget.ts';
import * as embed from '../../lib/embed/embed-runs.ts';
import * as runGenerated from '../../lib/embed/run-generated.ts';
import * as errors from '../../lib/errors.ts';
import * as work from '../../lib/files/work/generate-job.ts';
import { sha256Hex } from '../../lib/json/canonical-json.ts';
import * as cancel from '../../lib/lifecycle/cancel.ts';
import * as deletion from '../../lib/lifecycle/delete.ts';
import * as move from '../../lib/lifecycle/move-run.ts';
import * as start from '../../lib/lifecycle/start.ts';
import * as sweeping from '../../lib/operate/sweep.ts';
import { DUE_SHARDS } from '../../lib/runs/due.ts';
import type { OutputObject } from '../../lib/runs/generation.ts';
import { outputKey, vectorId } from '../../lib/runs/keys.ts';
import { STAGES } from '../../lib/runs/list/entry.ts';
import { makePart, totalPart } from '../../lib/runs/list/parts.ts';
import { listRuns } from '../../lib/runs/list/read.ts';
import type { DueItem, ListedRun, MoveOptions } from '../../lib/runs/ports.ts';
import type { Run } from '../../lib/runs/run.ts';
import { makeMarkUsage } from '../../lib/usage/mark.ts';
import { moveUsage } from '../../lib/usage/move-usage.ts';
import { readUsage } from '../../lib/usage/read.ts';
import { chunkText } from '../../lib/vectors/chunk-text.ts';
import { freshSeed, seededRandom } from '../../local/model/random.ts';
import { FAULTS, type Fault, makeFaults } from '../crash/faults.ts';
import { endOf, generateAnew, KINDS, promptOf } from '../crash/reference.ts';
import { openTable } from '../factories/dynamodb-table.ts';
import { makeWorld } from '../memory/world.ts';
import { hasCommit, importEarlier } from './earlier-code.ts';

/** The last commit whose table was of version 1: it listed runs by an index. */
const EARLIER = '2be12cb';

const NOW = {
  ...{ ...start, ...work, ...embed, ...runGenerated, ...sweeping, ...move, ...cancel, ...deletion },
  ...{ ...budget, ...runStore, ...indexes },
};
type Code = typeof NOW;
type Errors = typeof errors;

const loadEarlier = async (): Promise<{ code: Code; errors: Errors }> => {
  const [known, ...modules] = await importEarlier(EARLIER, [
    'lib/errors.ts',
    'lib/lifecycle/start.ts',
    'lib/files/work/generate-job.ts',
    'lib/embed/embed-runs.ts',
    'lib/embed/run-generated.ts',
    'lib/operate/sweep.ts',
    'lib/lifecycle/move-run.ts',
    'lib/lifecycle/cancel.ts',
    'lib/lifecycle/delete.ts',
    'lib/budget/budget.ts',
    'lib/adapters/dynamodb/run-store.ts',
    'lib/adapters/dynamodb/indexes.ts',
  ]);
  return { code: Object.assign({}, ...(modules as object[])), errors: known as Errors };
};

/** Ports whose errors are of the classes that the earlier code knows. */
const withErrorsOf = <P extends object>(ports: P, known: Errors): P => {
  const adopt = (error: unknown): never => {
    const own = (known as unknown as Record<string, { prototype: object } | undefined>)[
      (error as Error).name
    ];
    if (own && error instanceof errors.EverytokenError) Object.setPrototypeOf(error, own.prototype);
    throw error;
  };
  const adopted = (port: object): object =>
    Object.fromEntries(
      Object.entries(port).map(([name, value]) => [
        name,
        typeof value === 'function'
          ? (...given: unknown[]) => {
              const answer = value(...given);
              return answer instanceof Promise ? answer.catch(adopt) : answer;
            }
          : value,
      ]),
    );
  return Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      typeof port === 'object' && port ? adopted(port) : port,
    ]),
  ) as P;
};

const RUNS = 300;
const AT_ONCE = 8;
const FAULT_RATE = 0.02;
/** Runs that may still be at work. */
const LAST = 8;
const CALLERS = ['docs', 'team'];
const PAUSES_MS = [1_000, 20_000, 61_000];
/** No function works longer. */
const LONGEST_MS = 5 * 60_000;

test.skipIf(!hasCommit(EARLIER))(
  'functions of the version before and of this one work on one table, and after the migration every run has ended and is listed once',
  async () => {
    const seed = freshSeed();
    const random = seededRandom(seed);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    const earlier = await loadEarlier();
    const table = await openTable();
    const world = makeWorld({ generateOne: generateAnew() });
    const { clock } = world;
    const begunAt = clock.now() - 3_600_000;
    const shards = makeDynamoShards(table, clock);
    const list = makeDynamoRunList(table, shards);
    const sums = makeDynamoUsageStore(table, shards);

    // Each effect fails at a small rate, as long as functions of both versions are at work.
    let rate = FAULT_RATE;
    const plan = new Map<number, Fault>();
    plan.get = () => (random() < rate ? pick(FAULTS) : undefined);
    const faults = makeFaults(plan);

    const worker = (isEarlier: boolean) => {
      const code = isEarlier ? earlier.code : NOW;
      const { call, port } = faults.worker();
      const dueIndex = code.makeDynamoDueIndex(table, shards);
      const totals = { ...port('totals', sums), range: sums.range };
      const ports = {
        ...world.deps,
        totals,
        markUsage: makeMarkUsage({ totals, clock }),
        runs: port('runs', code.makeDynamoRunStore(table, shards)),
        list: { ...port('list', list), newest: list.newest },
        streamBlocks: { ...port('streamBlocks', world.streamBlocks), read: world.streamBlocks.read },
        content: port('content', world.content),
        jobs: port('jobs', world.jobs),
        bus: port('bus', { emit: world.bus.emit }),
        spend: port('spend', world.spend),
        vectors: port('vectors', world.vectors),
        embedder: { ...world.embedder, embed: call('embedder.embed', world.embedder.embed) },
        generateOne: call('model.generate', world.generateOne),
      };
      const adopted = isEarlier ? withErrorsOf(ports, earlier.errors) : ports;
      const deps = { ...adopted, dueIndex, budget: code.makeBudget(adopted) };
      const movers = {
        RUN: (item: DueItem, options: MoveOptions) => code.moveRun(item, deps, options),
        // The version before knows no such items, and leaves them due.
        ...(!isEarlier && { USAGE: (item: DueItem) => moveUsage(item, deps) }),
      };
      return { code, deps: { ...deps, movers } };
    };
    type Worker = ReturnType<typeof worker>;

    const known: { id: string; caller: string }[] = [];
    const acts = {
      start: async ({ code, deps }: Worker) => {
        const kind = pick(KINDS);
        const caller = pick(CALLERS);
        const body = {
          prompt: promptOf(kind, String(Math.floor(random() * 40))),
          samples: 2,
          background: random() < 0.4,
          index: random() < 0.9,
          metadata: { kind },
        };
        // Some requests are repeated, perhaps to a function of the other version.
        const key =
          random() < 0.3 ? { idempotencyKey: sha256Hex(JSON.stringify([body, random() < 0.5])) } : {};
        const started = await code.makeStartRun(deps)(body, { caller, ...key });
        known.push({ id: started.run.id, caller });
        if (started.kind === 'started') await started.done;
      },
      job: async ({ code, deps }: Worker) => {
        const message = world.jobs.receive();
        if (!message) return;
        try {
          await code.generateJob(message.body, deps);
          message.delete();
        } catch {
          if (message.receives >= 5) message.delete();
          else message.release();
        }
      },
      embed: async ({ code, deps }: Worker) => {
        const messages = [];
        for (let at = 0; at < 5; at += 1) {
          const message = world.embedQueue.receive();
          if (message) messages.push(message);
        }
        if (messages.length === 0) return;
        const events = messages.map(({ body }) => code.parseRunGenerated(body));
        const failed = await code.embedRuns(events, deps).catch(() => undefined);
        messages.forEach((message, at) => {
          const event = events[at];
          if ((failed && event && !failed.has(event.run_id)) || message.receives >= 5) message.delete();
          else message.release();
        });
      },
      sweep: ({ code, deps }: Worker) => code.sweep(deps, random() < 0.3 ? { reconcile: 'all' } : {}),
      cancel: async ({ code, deps }: Worker) => {
        const run = pick(known.slice(-LAST));
        if (run) await code.cancelRun(run.id, run.caller, deps);
      },
      delete: async ({ code, deps }: Worker) => {
        const run = pick([...known.slice(-LAST), ...known]);
        if (run) await code.deleteRun(run.id, run.caller, deps);
      },
    };
    const CHOICES = [
      ...(['start', 'start', 'start', 'start', 'job', 'job', 'job', 'embed', 'embed', 'embed'] as const),
      ...(['job', 'embed', 'sweep', 'cancel', 'delete', 'time'] as const),
    ];

    const unexpected: Error[] = [];
    const tally = { earlier: 0, now: 0 };
    const begun = new Set<{ at: number }>();
    let isPassing = false;
    const pass = async (ms: number) => {
      const oldest = Math.min(...[...begun].map(({ at }) => at));
      if (isPassing || clock.now() + ms > oldest + LONGEST_MS) return;
      isPassing = true;
      await clock.advance(ms);
      isPassing = false;
    };
    const act = async () => {
      const choice = pick(CHOICES);
      if (choice === 'time') return pass(pick(PAUSES_MS));
      const isEarlier = random() < 0.5;
      const mark = { at: clock.now() };
      begun.add(mark);
      tally[isEarlier ? 'earlier' : 'now'] += 1;
      // A crash, a refusal or a conflict: its caller or its queue tries again, or the sweep goes on.
      await acts[choice](worker(isEarlier)).catch((error: Error) => {
        if (error instanceof TypeError || error instanceof ReferenceError) unexpected.push(error);
      });
      begun.delete(mark);
    };
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (known.length < RUNS) await act();
      }),
    );

    expect(unexpected).toEqual([]);

    // The upgrade is over: no function of the version before is at work any more.
    rate = 0;
    const stored = async () => {
      const items: Record<string, unknown>[] = [];
      let ExclusiveStartKey: ScanCommand['input']['ExclusiveStartKey'];
      do {
        const page = await table.client.send(new ScanCommand({ TableName: table.table, ExclusiveStartKey }));
        items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return items;
    };
    const untilQuiet = async () => {
      for (let round = 0; ; round += 1) {
        assert.ok(round < 200, 'still not quiet');
        while ((world.jobs.nextAt() ?? Number.POSITIVE_INFINITY) <= clock.now())
          await acts.job(worker(false));
        while ((world.embedQueue.nextAt() ?? Number.POSITIVE_INFINITY) <= clock.now())
          await acts.embed(worker(false));
        const dueAts = (await stored()).flatMap(({ due_at: at }) => (at === undefined ? [] : [at as number]));
        const next = Math.min(
          ...dueAts,
          ...[world.jobs, world.embedQueue].map((queue) => queue.nextAt() ?? Number.POSITIVE_INFINITY),
        );
        if (next === Number.POSITIVE_INFINITY) return;
        await clock.advance(Math.max(0, next - clock.now()) + 60_000);
        const { code, deps } = worker(false);
        await code.sweep(deps);
      }
    };
    await untilQuiet();
    const { entered } = await migrateTable(table, {
      ...{ list, usageKeys: [], markUsage: makeMarkUsage({ totals: sums, clock }) },
    });
    await untilQuiet();

    const items = await stored();
    const runs = new Map(
      items.filter(({ sk }) => sk === 'RUN').map((item) => [item.id as string, runOf(item)]),
    );
    for (const { id } of known) assert.ok(runs.has(id), `${id} was accepted and is gone`);
    await expectEnded([...runs.values()], world);
    expect(items.filter(({ due_at, list_pk }) => due_at !== undefined || list_pk !== undefined)).toEqual([]);
    const entries = items.filter(({ pk }) => (pk as string).startsWith('LIST#'));
    // A repeat of a request that crashed leaves an entry of its own time: one of no run, which readers leave out.
    const open = entries.filter(({ stage, sk }) => {
      const [createdAt, id = ''] = (sk as string).split('#');
      return stage === STAGES.open && runs.get(id)?.createdAt === createdAt;
    });
    expect(open).toEqual([]);
    await expectListed([...runs.values()], (caller) =>
      allListed(caller, { list, runs: NOW.makeDynamoRunStore(table) }),
    );
    for (const caller of CALLERS) {
      const all = { since: new Date(begunAt).toISOString(), until: new Date(clock.now()).toISOString() };
      const usageDeps = { totals: sums, list, runs: NOW.makeDynamoRunStore(table), clock };
      const { total } = await readUsage({ ...all, groupBy: [] }, [caller], usageDeps);
      const own = [...runs.values()].filter((run) => run.caller === caller);
      const used = totalPart(
        own.map(({ generations }) => makePart({ model: null, label: null }, generations)),
      );
      const { requests, generations, failed, completion_tokens: tokens } = total;
      assert.deepEqual(
        { requests, generations, failed, tokens },
        {
          requests: own.length,
          generations: used.completed + used.failed,
          failed: used.failed,
          tokens: used.completionTokens,
        },
      );
    }
    for (let shard = 0; shard < DUE_SHARDS; shard += 1)
      for await (const page of NOW.makeDynamoDueIndex(table).due(shard, Number.MAX_SAFE_INTEGER))
        expect(page).toEqual([]);
    const statuses = Map.groupBy(runs.values(), ({ status }) => status);
    const counts = [...statuses].map(([status, { length }]) => `${length} ${status}`).join(', ');
    console.log(
      `${runs.size} runs (${counts}), ${tally.earlier} actions of the version before and ${tally.now} of this one, ${faults.effects.length} effects, ${entered} runs entered by the migration, seed ${seed}`,
    );
    await table.close();
  },
  180_000,
);

const expectEnded = async (runs: Run[], world: ReturnType<typeof makeWorld>) => {
  const vectors: Record<string, string> = {};
  for (const run of runs) {
    const { id, status, request } = run;
    assert.deepEqual([run.lease, run.dueAt, run.pending], [null, null, []], `${id} is ${status}`);
    if (status === 'deleted') {
      assert.equal(request, null);
      assert.deepEqual(
        [...world.content.objects.keys()].filter((key) => key.includes(id)),
        [],
      );
      continue;
    }
    const wanted = endOf({ prompt: JSON.parse(request ?? '{}').prompt });
    const code = run.error?.code ?? '';
    assert.ok(
      status === wanted || ['cancelled', 'attempts_exhausted'].includes(code),
      `${id} is ${status}: ${code}`,
    );
    if (status !== 'completed') continue;
    for (const [index, figures] of run.generations.entries()) {
      if (figures.status === 'failed') continue;
      const output: OutputObject = JSON.parse(await world.content.get(outputKey(id, index, figures.lease)));
      const text = output.generation.text ?? '';
      assert.equal(sha256Hex(text), figures.sha256);
      if (!run.index) continue;
      chunkText(text).forEach((chunk, number) => {
        vectors[vectorId(id, index, number)] = chunk;
      });
    }
  }
  const stored = [...world.vectors.namespaces.values()].flatMap((records) => [...records.values()]);
  assert.deepEqual(Object.fromEntries(stored.map(({ id, metadata }) => [id, metadata.text])), vectors);
  const told = (type: string) =>
    new Set(world.bus.events.flatMap((event) => (event.type === type ? [event.detail.run_id] : [])));
  for (const { id, status } of runs) {
    if (status === 'deleted') continue;
    assert.equal(told('RunCompleted').has(id), status === 'completed', `${id} is ${status}`);
    assert.equal(told('RunFailed').has(id), status !== 'completed', `${id} is ${status}`);
  }
};

const allListed = async (caller: string, deps: Parameters<typeof listRuns>[1]): Promise<ListedRun[]> => {
  const found: ListedRun[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listRuns>> = await listRuns(
      { caller, limit: 100, includesDeleted: true, ...(cursor && { cursor }) },
      deps,
    );
    found.push(...page.runs);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
};

const expectListed = async (runs: Run[], listed: (caller: string) => Promise<ListedRun[]>) => {
  for (const caller of CALLERS) {
    const listedNow = await listed(caller);
    const entries = listedNow.map(({ id, status, parts }) => ({
      ...{ id, status, outputs: parts.reduce((sum, part) => sum + part.completed + part.failed, 0) },
    }));
    const expected = runs
      .filter((run) => run.caller === caller)
      .map(({ id, status, generations }) => ({ id, status, outputs: generations.length }));
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    assert.deepEqual(entries.toSorted(byId), expected.toSorted(byId));
    for (const { status, promptPreview, textPreview, metadata } of listedNow)
      if (status === 'deleted') assert.deepEqual([promptPreview, textPreview, metadata], [null, null, {}]);
  }
};
