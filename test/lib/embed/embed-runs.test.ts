import { beforeEach, describe, expect, test } from 'vitest';
import { embedRuns } from '../../../lib/embed/embed-runs.ts';
import type { RunGenerated } from '../../../lib/embed/run-generated.ts';
import { UpstreamError } from '../../../lib/errors.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { outputKey } from '../../../lib/runs/keys.ts';
import { makeGenerateOne, serverError } from '../../factories/generation.ts';
import { makeMemoryEmbedder } from '../../memory/embedder.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
const build = (own: Parameters<typeof makeWorld>[0] = {}) => {
  world = makeWorld({
    generateOne: makeGenerateOne(({ index, messages }) => `${messages[0]?.content} ${index}`),
    ...own,
  });
};
beforeEach(() => build());

/** Generates a run and returns the event that was sent for it. */
const generated = async (body: Record<string, unknown>, caller = 'docs'): Promise<RunGenerated> => {
  const started = await makeStartRun(world.deps)(body, { caller });
  if (started.kind === 'started') await started.done;
  const event = world.generatedEvents().at(-1);
  if (event?.run_id !== started.run.id) throw new Error('no event was sent');
  return event;
};
const get = (event: RunGenerated) => world.runs.get(event.run_id);

test('runs of one batch share an embeddings request and an upsert, and all are completed', async () => {
  let upserts = 0;
  const vectors: World['vectors'] = {
    ...world.vectors,
    upsert: async (...parameters) => {
      upserts += 1;
      await world.vectors.upsert(...parameters);
    },
  };
  const events = [await generated({ prompt: 'one', samples: 2 }), await generated({ prompt: 'two' })];
  expect(await embedRuns(events, { ...world.deps, vectors })).toEqual(new Map());
  expect(world.embedder.requests).toEqual([['one 0', 'one 1', 'two 0']]);
  expect(upserts).toBe(1);
  const [a, b] = events.map(({ run_id }) => run_id);
  expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [`${a}#0#0`, `${a}#1#0`, `${b}#0#0`].sort() });
  for (const event of events)
    expect(await get(event)).toMatchObject({ status: 'completed', pending: [], dueAt: null });
  expect(world.bus.idsOf('RunCompleted')).toEqual([`${a}.RunCompleted`, `${b}.RunCompleted`]);
});

test('of a full batch, the outputs of ten runs are read at once, and all share one request and one upsert', async () => {
  const events = [];
  for (let at = 0; at < 50; at += 1) events.push(await generated({ prompt: `number ${at}` }));
  let [reading, most] = [0, 0];
  const content: World['content'] = {
    ...world.content,
    get: async (key, ...more) => {
      most = Math.max(most, ++reading);
      await new Promise(setImmediate);
      reading -= 1;
      return world.content.get(key, ...more);
    },
  };
  expect(await embedRuns(events, { ...world.deps, content })).toEqual(new Map());
  expect(most).toBe(10);
  expect(world.embedder.requests.map(({ length }) => length)).toEqual([50]);
  for (const event of events) expect(await get(event)).toMatchObject({ status: 'completed' });
});

test("a vector is stored with its text, its figures and the caller's metadata", async () => {
  const event = await generated({
    prompt: 'one',
    settings: [{ label: 'warm', temperature: 1 }],
    metadata: { team: 'docs' },
  });
  await embedRuns([event], world.deps);
  const [record] = await world.vectors.fetch('bag-of-words:docs', [`${event.run_id}#0#0`]);
  expect(record?.metadata).toMatchObject({
    text: 'one 0',
    run_id: event.run_id,
    index: 0,
    chunk: 0,
    label: 'warm',
    model: 'gpt-6-luna',
    response_model: 'gpt-6-luna-2026-10-01',
    tokens: 2,
    ttft_ms: 142.25,
    tpot_ms: 11.1,
    created_at: world.clock.now(),
    'metadata.team': 'docs',
  });
});

test('each caller has a namespace of its own', async () => {
  const events = [await generated({ prompt: 'one' }, 'alice'), await generated({ prompt: 'two' }, 'bob')];
  await embedRuns(events, world.deps);
  expect(Object.keys(world.vectorIds()).sort()).toEqual(['bag-of-words:alice', 'bag-of-words:bob']);
});

test('one poison run of ten fails alone, permanently, and the nine are completed', async () => {
  build({ embedder: makeMemoryEmbedder({ refuses: (text) => text.includes('poison') }) });
  const events: RunGenerated[] = [];
  for (let at = 0; at < 10; at += 1)
    events.push(await generated({ prompt: at === 6 ? 'poison' : `fine ${at}` }));
  const failures = await embedRuns(events, world.deps);
  expect([...failures.keys()]).toEqual([events[6]?.run_id]);
  expect(failures.get(events[6]?.run_id ?? '')).toMatchObject({ retryable: false, status: 400 });
  const statuses = [...world.runs.runs.values()].map(({ status }) => status);
  expect(statuses.filter((status) => status === 'completed')).toHaveLength(9);
  expect(Object.values(world.vectorIds()).flat()).toHaveLength(9);
});

test('every run fails retryably, and none is changed, when the embeddings service is down', async () => {
  const events = [await generated({ prompt: 'one' }), await generated({ prompt: 'two' })];
  const embedder = { ...world.embedder, embed: async () => Promise.reject(serverError()) };
  const failures = await embedRuns(events, { ...world.deps, embedder });
  expect([...failures.values()]).toMatchObject([{ retryable: true }, { retryable: true }]);
  for (const event of events) expect((await get(event))?.status).toBe('generated');
});

test('an upsert that fails fails the runs of its namespace and no others', async () => {
  const events = [await generated({ prompt: 'one' }, 'alice'), await generated({ prompt: 'two' }, 'bob')];
  const vectors: World['vectors'] = {
    ...world.vectors,
    upsert: async (namespace, records) => {
      if (namespace.endsWith('alice')) throw serverError();
      await world.vectors.upsert(namespace, records);
    },
  };
  const failures = await embedRuns(events, { ...world.deps, vectors });
  expect([...failures.keys()]).toEqual([events[0]?.run_id]);
});

test('a run that the index refused counts its attempt, though the index fails for the others right after', async () => {
  const events = [await generated({ prompt: 'poison' }), await generated({ prompt: 'two' })];
  for (const { run_id } of events)
    await world.runs.change(run_id, { dueTries: 1 }, { status: ['generated'] });
  const refusal = new UpstreamError('pinecone', 'Pinecone answered 400', { status: 400, retryable: false });
  const vectors: World['vectors'] = {
    ...world.vectors,
    upsert: async (namespace, records) => {
      if (records.some(({ metadata }) => metadata.text === 'poison 0')) throw refusal;
      if (records.some(({ metadata }) => metadata.text === 'two 0')) throw serverError();
      await world.vectors.upsert(namespace, records);
    },
  };
  // Writes that set a count back come last.
  const runs: World['runs'] = {
    ...world.runs,
    change: async (id, change, condition) => {
      if (change.embedAttempts === 0) await new Promise((resolve) => setImmediate(resolve));
      return world.runs.change(id, change, condition);
    },
  };
  const failures = await embedRuns(events, { ...world.deps, vectors, runs });
  expect(failures.size).toBe(2);
  const attempts = await Promise.all(events.map(async (event) => (await get(event))?.embedAttempts));
  expect(attempts).toEqual([1, 0]);
});

test('a duplicate event is harmless, in one batch and later', async () => {
  const event = await generated({ prompt: 'one' });
  expect(await embedRuns([event, event], world.deps)).toEqual(new Map());
  const before = await get(event);
  expect(await embedRuns([event], world.deps)).toEqual(new Map());
  expect(await get(event)).toEqual(before);
  expect(world.embedder.requests).toEqual([['one 0']]);
  expect(world.bus.idsOf('RunCompleted')).toHaveLength(1);
});

test('an upsert whose run could not be completed is repeated with the same ids', async () => {
  const event = await generated({ prompt: 'one' });
  const change = async () => Promise.reject(serverError());
  const failures = await embedRuns([event], { ...world.deps, runs: { ...world.runs, change } });
  expect(failures.size).toBe(1);
  const ids = world.vectorIds();
  await embedRuns([event], world.deps);
  expect(world.vectorIds()).toEqual(ids);
  expect((await get(event))?.status).toBe('completed');
});

test('a run that failed while it was being completed is listed as failed', async () => {
  const event = await generated({ prompt: 'one' });
  const error = { code: 'index_refused', message: 'the outputs could not be indexed' };
  const change: World['runs']['change'] = async (id, changed, condition) => {
    if (changed.status === 'completed') await world.runs.change(id, { status: 'failed', error }, {});
    return world.runs.change(id, changed, condition);
  };
  expect(await embedRuns([event], { ...world.deps, runs: { ...world.runs, change } })).toEqual(new Map());
  const run = await get(event);
  expect(run?.status).toBe('failed');
  expect(run && (await world.list.get(run))).toMatchObject({ status: 'failed', error });
});

describe('a run that was deleted', () => {
  test('before its event came has its vectors removed again, and the event is acknowledged', async () => {
    const event = await generated({ prompt: 'one' });
    await deleteRun(event.run_id, 'docs', world.deps);
    // Left by an embed worker that crashed before its commit.
    const left = { id: `${event.run_id}#0#0`, values: new Float32Array(64).fill(1), metadata: {} };
    await world.vectors.upsert('bag-of-words:docs', [left]);
    expect(await embedRuns([event], world.deps)).toEqual(new Map());
    expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [] });
    expect((await get(event))?.status).toBe('deleted');
  });

  test('while it was embedded has its vectors removed again', async () => {
    const event = await generated({ prompt: 'one' });
    const vectors: World['vectors'] = {
      ...world.vectors,
      upsert: async (namespace, records) => {
        await deleteRun(event.run_id, 'docs', world.deps);
        await world.vectors.upsert(namespace, records);
      },
    };
    expect(await embedRuns([event], { ...world.deps, vectors })).toEqual(new Map());
    expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [] });
    expect(world.bus.idsOf('RunCompleted')).toEqual([]);
  });
});

describe('an event that does not fit its run fails alone, permanently', () => {
  const bad: [string, (pointer: RunGenerated['outputs'][number]) => Partial<typeof pointer>][] = [
    ['a foreign bucket', () => ({ bucket: 'elsewhere' })],
    ["a key outside the run's prefix", () => ({ key: 'outputs/run_00000000000000000000000001/0.aa.json' })],
    ["another lease's key", ({ key }) => ({ key: key.replace(/0\.[0-9a-f]+/, '0.ffff') })],
    ['another sha256', () => ({ sha256: '0'.repeat(64) })],
    ['an index that the run does not have', () => ({ index: 7 })],
  ];
  test.each(bad)('%s', async (_, change) => {
    const good = await generated({ prompt: 'good' });
    const event = await generated({ prompt: 'bad' });
    const outputs = event.outputs.map((pointer) => ({ ...pointer, ...change(pointer) }));
    const failures = await embedRuns([{ ...event, outputs }, good], world.deps);
    expect([...failures]).toMatchObject([[event.run_id, { code: 'bad_event', retryable: false }]]);
    expect((await get(good))?.status).toBe('completed');
    expect((await get(event))?.status).toBe('generated');
  });

  test('an unknown run, which may still come', async () => {
    const event = await generated({ prompt: 'one' });
    const unknown = { ...event, run_id: 'run_00000000000000000000000009' };
    const failures = await embedRuns([unknown], world.deps);
    expect(failures.get(unknown.run_id)).toMatchObject({ code: 'unknown_run', retryable: true });
  });
});

describe('an output', () => {
  const output = async (event: RunGenerated) => {
    const run = await get(event);
    return outputKey(event.run_id, 0, run?.generations[0]?.lease ?? '');
  };

  test('that was tampered with is a permanent failure', async () => {
    const event = await generated({ prompt: 'one' });
    const key = await output(event);
    const object = JSON.parse(await world.content.get(key));
    object.generation.text = 'another text';
    await world.content.put(key, JSON.stringify(object), 'application/json');
    expect([...(await embedRuns([event], world.deps)).values()]).toMatchObject([
      { code: 'sha256_mismatch', retryable: false },
    ]);
    expect(world.vectorIds()).toEqual({});
  });

  test('that is missing is a retryable failure', async () => {
    const event = await generated({ prompt: 'one' });
    await world.content.delete([await output(event)]);
    expect([...(await embedRuns([event], world.deps)).values()]).toMatchObject([
      { code: 'missing_object', retryable: true },
    ]);
  });

  test('that is empty completes its run without a vector', async () => {
    build({ generateOne: makeGenerateOne(() => '') });
    const event = await generated({ prompt: 'one' });
    expect(await embedRuns([event], world.deps)).toEqual(new Map());
    expect(await get(event)).toMatchObject({ status: 'completed', diversity: { all: { n: 0 } } });
    expect(world.vectorIds()).toEqual({});
    expect(world.embedder.requests).toEqual([]);
  });

  test('that failed is left out', async () => {
    build({ generateOne: makeGenerateOne(({ index }) => (index === 0 ? null : 'text')) });
    const event = await generated({ prompt: 'one', samples: 2 });
    await embedRuns([event], world.deps);
    expect(Object.values(world.vectorIds())).toEqual([[`${event.run_id}#1#0`]]);
  });

  test('of several chunks has a vector for each and counts once in the diversity', async () => {
    build({
      generateOne: makeGenerateOne(
        ({ index }) => `${'x'.repeat(1_500)}\n\n${index === 0 ? 'y' : 'z'} ${'w'.repeat(1_500)}`,
      ),
    });
    const event = await generated({ prompt: 'one', samples: 2 });
    await embedRuns([event], world.deps);
    expect(Object.values(world.vectorIds()).flat()).toHaveLength(4);
    expect((await get(event))?.diversity?.all.n).toBe(2);
  });
});

test('diversity is measured over all outputs and by label', async () => {
  build({
    generateOne: makeGenerateOne(({ setting, sample }) =>
      setting.label === 'same' ? 'one text' : `text${sample} other${sample}`,
    ),
  });
  const event = await generated({
    prompt: 'one',
    settings: [{ label: 'same' }, { label: 'other' }],
    samples: 3,
  });
  await embedRuns([event], world.deps);
  const diversity = (await get(event))?.diversity;
  expect(diversity?.all.n).toBe(6);
  expect(diversity?.byLabel.same?.n).toBe(3);
  expect(diversity?.byLabel.same?.embedding_diversity).toBeCloseTo(0, 9);
  expect(diversity?.byLabel.other?.embedding_diversity).toBeGreaterThan(0.5);
});

test('a RunCompleted that cannot be sent stays pending, and its run is completed all the same', async () => {
  const event = await generated({ prompt: 'one' });
  world.bus.down = true;
  expect(await embedRuns([event], world.deps)).toEqual(new Map());
  expect(await get(event)).toMatchObject({
    status: 'completed',
    pending: ['RunCompleted'],
    dueAt: world.clock.now() + 30_000,
  });
});

describe('the embedding of a run whose caller has a budget', () => {
  const day = '2026-11-22';
  const counted = async () => (await world.spend.get({ caller: 'docs', day }))?.tokens ?? 0;
  const limit = (tokens: number) => world.budgets.set('docs', { tokens, costUsd: null });

  test('is counted with what the service counted, beside what generating used', async () => {
    await limit(10_000);
    const event = await generated({ prompt: 'one two three', max_tokens: 10 });
    const before = await counted();
    await embedRuns([event], world.deps);
    const run = await get(event);
    expect(run?.status).toBe('completed');
    expect(await counted()).toBeGreaterThan(before);
    expect(run?.charged?.tokens).toBe(await counted());
  });

  test('waits for the next day when the budget does not cover it, and the run keeps its text', async () => {
    await limit(10_000);
    const event = await generated({ prompt: 'one', max_tokens: 10 });
    await world.spend.adjust({ caller: 'docs', day }, { tokens: 10_000 - (await counted()), nanoUsd: 0 });
    expect(await embedRuns([event], world.deps)).toEqual(new Map());
    expect(world.embedder.requests).toEqual([]);
    expect(await get(event)).toMatchObject({ status: 'generated', dueAt: Date.UTC(2026, 10, 23) });
    expect(await counted()).toBe(10_000);
    await world.clock.advance(Date.UTC(2026, 10, 23) - world.clock.now());
    expect(await embedRuns([event], world.deps)).toEqual(new Map());
    const run = await get(event);
    expect(run).toMatchObject({ status: 'completed', embedAttempts: 1, chargedOn: '2026-11-23' });
    expect(await world.spend.get({ caller: 'docs', day: '2026-11-23' })).toEqual(run?.charged);
  });

  test('is counted nothing while the service is down, and does not hold up other callers', async () => {
    await limit(10_000);
    const event = await generated({ prompt: 'one', max_tokens: 10 });
    const before = await counted();
    const embedder = {
      ...world.embedder,
      embed: () => Promise.reject(new UpstreamError('embeddings', 'down', { status: 503 })),
    };
    expect((await embedRuns([event], { ...world.deps, embedder })).size).toBe(1);
    expect(await counted()).toBe(before);
    await world.spend.adjust({ caller: 'docs', day }, { tokens: 10_000 - before, nanoUsd: 0 });
    const other = await generated({ prompt: 'two', max_tokens: 10 }, 'sales');
    expect(await embedRuns([event, other], world.deps)).toEqual(new Map());
    expect(await get(other)).toMatchObject({ status: 'completed' });
    expect(await get(event)).toMatchObject({ status: 'generated' });
  });

  test('ends a run whose texts no day would cover, with its texts', async () => {
    await limit(10_000);
    const event = await generated({ prompt: 'x'.repeat(3_000), max_tokens: 10 });
    await limit(2_000);
    await world.clock.advance(60_001);
    expect(await embedRuns([event], world.deps)).toEqual(new Map());
    expect(await get(event)).toMatchObject({ status: 'failed', error: { code: 'over_budget' } });
  });
});
