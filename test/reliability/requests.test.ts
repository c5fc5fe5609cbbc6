import { expect, test } from 'vitest';
import { fileIdOf } from '../../lib/files/read/intake.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { deferred, eventsOf } from '../fixtures/http.ts';
import { settled } from '../memory/clock.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { makeService } from './service.ts';

const again = { headers: { 'idempotency-key': 'order-1' } };

/** A service whose model answers on the test's command. */
const slowService = () => {
  const answer = deferred<string>();
  const generateOne = makeGenerateOne(() => answer.promise);
  return { ...makeService({ world: makeWorld({ generateOne }) }), answer, calls: generateOne.calls };
};

test('1. the same Idempotency-Key with the same body returns the run as it is now, generated once', async () => {
  const generateOne = makeGenerateOne();
  const service = makeService({ world: makeWorld({ generateOne }) });
  const first = await service.run({ prompt: 'one', max_tokens: 5 }, again);
  expect([first.status, first.run.status]).toEqual([201, 'generated']);
  await service.untilQuiet();
  const second = await service.run({ max_tokens: 5, prompt: 'one' }, again);
  expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  expect(second.run).toMatchObject({ id: first.run.id, status: 'completed' });
  expect(second.run.generations[0]?.text).toBe(first.run.generations[0]?.text);
  expect(generateOne.calls).toHaveLength(1);
});

test('2. the same Idempotency-Key with another body is a 422, and changes nothing', async () => {
  const service = makeService();
  await service.run({ prompt: 'one' }, again);
  const before = service.onlyRun();
  const answer = await service.ask('/runs', { ...again, body: { prompt: 'two' } });
  expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'idempotency_key_reused' }]);
  expect(service.onlyRun()).toEqual(before);
});

test('3. the same Idempotency-Key while the run is in progress is a 409 with Retry-After', async () => {
  const service = slowService();
  const first = service.run({ prompt: 'one' }, again);
  await settled();
  const answer = await service.ask('/runs', { ...again, body: { prompt: 'one' } });
  expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'run_in_progress' }]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  service.answer.resolve('text');
  expect((await first).run.generations[0]?.text).toBe('text');
  expect(service.calls).toHaveLength(1);
});

test('4. an S3 event that is delivered twice makes one file and one run', async () => {
  const generateOne = makeGenerateOne();
  const { world, machine, untilQuiet, onlyRun } = makeService({ world: makeWorld({ generateOne }) });
  const object = world.drop('prompts/question.txt', 'one');
  await machine.objects.send(object);
  await machine.objects.send(object);
  await untilQuiet();
  expect(onlyRun().status).toBe('completed');
  expect(world.files.files.size).toBe(1);
  expect(generateOne.calls).toHaveLength(1);
});

const KEY = 'prompts/questions.json';
const contentOf = (...texts: string[]) => JSON.stringify(texts.map((prompt) => ({ prompt })));
const rowsAt = async (world: World, key: string) =>
  (await world.content.get(key))
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));

test('5. with a key overwritten and its events reversed, each content has its results, and the newest stands under the key', async () => {
  const generateOne = makeGenerateOne();
  const world = makeWorld({ generateOne });
  const contents = [contentOf('kept', 'old'), contentOf('kept', 'new')] as const;
  const older = world.drop(KEY, contents[0]);
  const newer = world.drop(KEY, contents[1]);
  // S3 keeps the replaced bytes readable for a moment: both contents can still be read by their ETag.
  const readSource: World['readSource'] = async (_, etag) =>
    Buffer.from(contents[etag === older.etag ? 0 : 1]);
  const service = makeService({ world: { ...world, readSource } });
  await service.machine.objects.send(newer);
  await service.untilQuiet();
  await service.machine.objects.send(older);
  await service.untilQuiet();
  const own = (object: typeof older) => rowsAt(world, `results/${KEY}.${fileIdOf(object)}.jsonl`);
  expect((await own(older)).map(({ status }) => status)).toEqual(['completed', 'completed']);
  expect(await rowsAt(world, `results/${KEY}.jsonl`)).toEqual(await own(newer));
  expect(generateOne.calls.map(({ prompt }) => prompt).toSorted()).toEqual(['kept', 'new', 'old']);
});

test('6. an object that is gone before it is read ends as source_gone, and is not retried', async () => {
  const { world, machine, untilQuiet } = makeService();
  const object = world.drop(KEY, contentOf('one'));
  world.content.objects.delete(KEY);
  await machine.objects.send(object);
  let deliveries = 0;
  await machine.untilQuiet(async () => {
    deliveries += machine.objects.bodies().length;
  });
  await untilQuiet();
  expect(deliveries).toBe(1);
  expect(await world.files.get(fileIdOf(object))).toMatchObject({
    status: 'failed',
    error: { code: 'source_gone' },
    dueAt: null,
  });
});

test('20. a client that disconnects amid the stream does not stop its run: GET returns all of it', async () => {
  const service = slowService();
  const response = await service.ask('/runs', { body: { prompt: 'one', stream: true } });
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(eventsOf(new TextDecoder().decode(first?.value)).events[0]?.event).toBe('run.created');
  await reader?.cancel();
  service.answer.resolve('the whole text');
  await settled();
  await service.untilQuiet();
  const read = await service.ask(`/runs/${response.headers.get('x-everytoken-run-id')}`);
  expect(await read.json()).toMatchObject({
    status: 'completed',
    generations: [{ status: 'completed', text: 'the whole text' }],
  });
});
