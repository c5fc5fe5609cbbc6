import type { Context, SQSEvent } from 'aws-lambda';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { deleteRun } from '../../lib/lifecycle/delete.ts';
import { outputKey } from '../../lib/runs/keys.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeMemoryEmbedder } from '../memory/embedder.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { composedFunctions } from './composed-functions.ts';
import { makeService, type Service } from './service.ts';

let functions: Awaited<ReturnType<typeof composedFunctions>>;
beforeAll(async () => {
  functions = await composedFunctions();
});

let service: Service;
beforeEach(() => {
  service = makeService();
});

/** A generated run and the body of its message in embed's queue. */
const generated = async (prompt: string) => {
  const { run } = await service.run({ prompt });
  const message = service.world.embedQueue.receive();
  message?.delete();
  const body = JSON.parse(message?.body ?? '');
  const figures = service.world.runs.runs.get(run.id)?.generations[0];
  return { id: run.id, body, key: outputKey(run.id, 0, figures?.lease ?? '') };
};
type Generated = Awaited<ReturnType<typeof generated>>;

const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
const eventOf = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map(
    (body, at) =>
      ({
        messageId: `m${at}`,
        body,
        attributes: { ApproximateReceiveCount: '1' },
      }) as SQSEvent['Records'][number],
  ),
});
/** Ids of the messages that embed reports as failed. */
const embed = async (bodies: string[], world: World = service.world) => {
  const { batchItemFailures } = await functions.makeEmbedHandler(world.deps)(eventOf(...bodies));
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

type Bad = {
  code: string;
  body: (good: Generated) => unknown;
  spoil?: (good: Generated) => Promise<unknown>;
};
const detail = (change: object | ((good: Generated) => object)) => (good: Generated) => ({
  ...good.body,
  detail: { ...good.body.detail, ...(typeof change === 'function' ? change(good) : change) },
});
const pointer = (change: object) =>
  detail((good) => ({ outputs: [{ ...good.body.detail.outputs[0], ...change }] }));
const same = (good: Generated) => good.body;

/** Name of the fault, the code in the log, and the message. */
const BAD: [name: string, Bad][] = [
  ['an event that is not JSON fails alone', { code: 'bad_event', body: () => '{"detail":' }],
  [
    'an event without its detail fails alone',
    { code: 'bad_event', body: ({ body }) => ({ ...body, detail: undefined }) },
  ],
  [
    'an event of the wrong source fails alone',
    { code: 'bad_event', body: ({ body }) => ({ ...body, source: 'aws.s3' }) },
  ],
  [
    'an event of an unknown schema version fails alone',
    { code: 'bad_event', body: detail({ schema_version: 2 }) },
  ],
  ['an event without a run_id fails alone', { code: 'bad_event', body: detail({ run_id: undefined }) }],
  [
    'an event of an unknown run fails alone, tried again first',
    { code: 'unknown_run', body: detail({ run_id: 'run_00000000000000000000000009' }) },
  ],
  [
    'an event with a pointer to a foreign bucket fails alone',
    { code: 'bad_event', body: pointer({ bucket: 'elsewhere' }) },
  ],
  [
    "an event with a pointer outside the run's prefix fails alone",
    { code: 'bad_event', body: pointer({ key: 'outputs/run_00000000000000000000000009/0.aa.json' }) },
  ],
  [
    'an event whose sha256 is not that of the text fails alone',
    {
      code: 'sha256_mismatch',
      body: same,
      spoil: async ({ key }) => {
        const object = JSON.parse(await service.world.content.get(key));
        object.generation.text = 'another text';
        await service.world.content.put(key, JSON.stringify(object), 'application/json');
      },
    },
  ],
  [
    'an event whose output object is missing fails alone, tried again first',
    { code: 'missing_object', body: same, spoil: ({ key }) => service.world.content.delete([key]) },
  ],
];

test.each(BAD)('%s', async (_, { code, body, spoil }) => {
  const bad = await generated('bad');
  const good = await generated('good');
  await spoil?.(bad);
  const sent = body(bad);
  const message = typeof sent === 'string' ? sent : JSON.stringify(sent);
  expect(await embed([message, JSON.stringify(good.body)])).toEqual(['m0']);
  const statusOf = (id: string) => service.world.runs.runs.get(id)?.status;
  expect([statusOf(bad.id), statusOf(good.id)]).toEqual(['generated', 'completed']);
  expect(service.world.log.named('message.failed')).toMatchObject([{ message_id: 'm0', code }]);
});

test.each<[string, (dimensions: number) => Float32Array]>([
  ['NaN', (dimensions) => new Float32Array(dimensions).fill(Number.NaN)],
  ['wrong dimension', (dimensions) => new Float32Array(dimensions + 1).fill(1)],
])('%s from the embedding model fails that run alone, and no vector is stored for it', async (_, spoilt) => {
  const embedder = makeMemoryEmbedder();
  const spoiling: typeof embedder = {
    ...embedder,
    embed: async (texts) => {
      const { vectors, tokens } = await embedder.embed(texts);
      const isBad = (at: number) => texts[at]?.includes('bad');
      return { vectors: vectors.map((vector, at) => (isBad(at) ? spoilt(vector.length) : vector)), tokens };
    },
  };
  service = makeService({ world: makeWorld({ embedder: spoiling }) });
  const bad = await generated('bad');
  const good = await generated('good');
  expect(await embed([bad, good].map(({ body }) => JSON.stringify(body)))).toEqual(['m0']);
  expect(service.world.log.named('message.failed')).toMatchObject([{ code: 'invalid_embedding' }]);
  expect(Object.values(service.world.vectorIds())).toEqual([[`${good.id}#0#0`]]);
});

test('a duplicate of an event is acknowledged without effect', async () => {
  const { body } = await generated('one');
  expect(await embed([JSON.stringify(body), JSON.stringify(body)])).toEqual([]);
  const before = JSON.stringify([...service.world.runs.runs.values()]);
  expect(await embed([JSON.stringify(body)])).toEqual([]);
  expect(JSON.stringify([...service.world.runs.runs.values()])).toBe(before);
  expect(service.world.bus.idsOf('RunCompleted')).toHaveLength(1);
});

test('an event of a deleted run is acknowledged without effect', async () => {
  const { id, body } = await generated('one');
  await deleteRun(id, 'docs', service.world.deps);
  expect(await embed([JSON.stringify(body)])).toEqual([]);
  expect(Object.values(service.world.vectorIds()).flat()).toEqual([]);
  expect(service.world.runs.runs.get(id)?.status).toBe('deleted');
});

test('an empty output completes its run with no vector', async () => {
  service = makeService({ world: makeWorld({ generateOne: makeGenerateOne(() => '') }) });
  const { id, body } = await generated('one');
  expect(await embed([JSON.stringify(body)])).toEqual([]);
  expect(service.world.runs.runs.get(id)?.status).toBe('completed');
  expect(service.world.vectorIds()).toEqual({});
});

test.each([
  ['a job that is not JSON', '{"type":'],
  ['a job of no known kind', '{"type":"dance"}'],
  ['a job of an unknown run', '{"type":"run","run_id":"run_00000000000000000000000009"}'],
])('%s fails alone, and the others of its batch are processed', async (_, body) => {
  const { run } = await service.run({ prompt: 'one', background: true });
  const good = JSON.stringify({ type: 'run', run_id: run.id });
  const handler = functions.makeGenerateQueueHandler(service.world.deps);
  const { batchItemFailures } = await handler(eventOf(body, good), context);
  expect(batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
  expect(service.world.runs.runs.get(run.id)?.status).toBe('generated');
});

test('s3:TestEvent is acknowledged', async () => {
  const body = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'content' });
  const handler = functions.makeIntakeHandler(service.world.deps);
  expect(await handler(eventOf(body), context)).toEqual({ batchItemFailures: [] });
  expect(service.world.files.files.size).toBe(0);
});
