import { expect, test } from 'vitest';
import { embedRuns } from '../../lib/embed/embed-runs.ts';
import { UpstreamError } from '../../lib/errors.ts';
import { sweep } from '../../lib/operate/sweep.ts';
import type { RunView } from '../../lib/runs/view.ts';
import type { VectorIndex } from '../../lib/vectors/ports.ts';
import { expectAllEnded } from '../crash/invariant.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeMemoryEmbedder } from '../memory/embedder.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { makeService, type Service } from './service.ts';

const PROMPTS = Array.from({ length: 10 }, (_, at) => (at === 6 ? 'poison' : `fine ${at}`));
const answering = () => makeGenerateOne(({ messages }) => `about ${messages.at(-1)?.content}`);

const refusal = () =>
  new UpstreamError('pinecone', 'Pinecone answered 400', { retryable: false, status: 400 });

/** An index that refuses these vectors for good, by their text. */
const refusingIndex = (index: World['vectors'], refuses: (text: string) => boolean): World['vectors'] => ({
  ...index,
  upsert: async (namespace, records) => {
    if (records.some(({ metadata }) => refuses(String(metadata.text)))) throw refusal();
    await index.upsert(namespace, records);
  },
});

const isPoison = (text: string) => text.includes('poison');
const build: [string, () => World][] = [
  [
    'the embeddings server',
    () => makeWorld({ generateOne: answering(), embedder: makeMemoryEmbedder({ refuses: isPoison }) }),
  ],
  [
    'the index',
    () => {
      const world = makeWorld({ generateOne: answering() });
      const vectors = refusingIndex(world.vectors, isPoison);
      return { ...world, vectors, deps: { ...world.deps, vectors } };
    },
  ],
];

const statusesOf = ({ world }: Service) =>
  [...world.runs.runs.values()].map(({ status, request }) => [JSON.parse(request ?? '').prompt, status]);

/** Embeds all events together, as one batch of the queue, until none is left. */
const embedInBatches = async ({ world }: Service) => {
  const { deps } = world;
  let attempts = 0;
  for (; attempts < 20; attempts += 1) {
    const open = world
      .generatedEvents()
      .filter(({ run_id }) => world.runs.runs.get(run_id)?.status === 'generated');
    if (open.length === 0) break;
    await embedRuns(open, deps);
    await world.clock.advance(60_000);
    await sweep(deps);
  }
  return attempts;
};

test.each(build)(
  '36. an output that %s refuses for good ends its run alone, after five attempts',
  async (_, make) => {
    const service = makeService({ world: make() });
    for (const prompt of PROMPTS) await service.run({ prompt });
    expect(await embedInBatches(service)).toBe(5);
    expect(statusesOf(service)).toEqual(
      PROMPTS.map((prompt) => [prompt, prompt === 'poison' ? 'failed' : 'completed']),
    );
    // The events that wait in the queue find nothing to do.
    await service.untilQuiet();
    await expectAllEnded(service.world);
    expect(service.world.log.named('run.failed')).toMatchObject([{ 'error.type': 'index_refused' }]);
  },
);

test.each(build)('36. a run that %s refused shows its text wherever it is asked for', async (_, make) => {
  const service = makeService({ world: make() });
  const { ask, run } = service;
  const body = { prompt: 'poison' };
  const key = { headers: { 'idempotency-key': 'order-1' } };
  const { id } = (await run(body, key)).run;
  const chat = { messages: [{ role: 'user', content: 'poison' }], model: 'gpt-6-luna' };
  const askChat = (stream: boolean) =>
    ask('/v1/chat/completions', {
      body: { ...chat, stream },
      headers: { 'idempotency-key': `chat-${stream}` },
    });
  for (const stream of [false, true]) await (await askChat(stream)).text();
  const streamed = { ...body, stream: true };
  await (await ask('/runs', { body: streamed, headers: { 'idempotency-key': 'order-2' } })).text();
  await service.untilQuiet();

  const shown = {
    status: 'failed',
    error: { code: 'index_refused' },
    generations: [{ text: 'about poison' }],
  };
  expect(await (await ask(`/runs/${id}`)).json()).toMatchObject(shown);
  expect((await ask(`/runs/${id}/generations/0/trace`)).status).toBe(200);
  const replayed = await run(body, key);
  expect([replayed.status, replayed.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  expect(replayed.run).toMatchObject({ id, ...shown });
  const events = await (
    await ask('/runs', { body: streamed, headers: { 'idempotency-key': 'order-2' } })
  ).text();
  expect(events).toContain('event: run.completed');
  expect(events).toContain('about poison');
  expect(await (await askChat(false)).json()).toMatchObject({
    choices: [{ message: { content: 'about poison' } }],
  });
  expect(await (await askChat(true)).text()).toContain('[DONE]');
});

test('36. a line whose output is refused keeps its answer in the results of its file', async () => {
  const results: string[] = [];
  for (const isFirst of [true, false]) {
    const world = makeWorld({
      generateOne: answering(),
      embedder: makeMemoryEmbedder({ refuses: isPoison }),
    });
    const service = makeService({ world });
    await service.machine.objects.send(world.drop('prompts/a.jsonl', '{"prompt":"poison"}\n'));
    // The run ends before its file, or after it.
    if (isFirst) while (world.runs.runs.size === 0) await service.machine.serveOne();
    if (isFirst) await embedInBatches(service);
    await service.untilQuiet();
    expect(service.onlyRun()).toMatchObject({ status: 'failed', error: { code: 'index_refused' } });
    results.push(await world.content.get('results/prompts/a.jsonl.jsonl'));
    const [file] = world.files.files.values();
    expect(file).toMatchObject({ status: 'completed', counts: { completed: 1, failed: 0 } });
  }
  expect(JSON.parse(results[0] ?? '')).toMatchObject({
    status: 'completed',
    error: null,
    run: { generations: [{ text: 'about poison' }] },
  });
  expect(results[0]).toBe(results[1]);
});

const DOWN: [string, (world: World) => Partial<World>][] = [
  [
    'an embeddings server that refuses every text',
    ({ embedder }) => ({
      embedder: { ...embedder, embed: makeMemoryEmbedder({ refuses: () => true }).embed },
    }),
  ],
  [
    'an index that refuses every vector',
    ({ vectors }) => ({ vectors: { ...vectors, upsert: async () => Promise.reject(refusal()) } }),
  ],
  [
    'an index that is down',
    ({ vectors }) => ({
      vectors: {
        ...vectors,
        upsert: async () => Promise.reject(new UpstreamError('pinecone', 'down', { status: 503 })),
      } satisfies VectorIndex & World['vectors'],
    }),
  ],
];

test.each(DOWN)('36. %s fails no run: all are completed once it is mended', async (_, spoil) => {
  const world = makeWorld({ generateOne: answering() });
  const spoilt = spoil(world);
  const service = makeService({ world });
  for (const prompt of PROMPTS.slice(0, 4)) await service.run({ prompt });
  for (let hour = 0; hour < 12; hour += 1) {
    await embedRuns(world.generatedEvents(), { ...world.deps, ...spoilt });
    await world.clock.advance(3_600_000);
    await sweep(world.deps);
  }
  expect(new Set(statusesOf(service).map(([, status]) => status))).toEqual(new Set(['generated']));
  await service.untilQuiet();
  expect(new Set(statusesOf(service).map(([, status]) => status))).toEqual(new Set(['completed']));
  await expectAllEnded(world);
});

test('36. a run that makes its worker crash whenever it is embedded ends alone, after five attempts', async () => {
  const world = makeWorld({ generateOne: answering() });
  const service = makeService({ world });
  for (const prompt of PROMPTS) await service.run({ prompt });
  const never = new Promise<never>(() => {});
  const embed: World['embedder']['embed'] = (texts) =>
    texts.some(isPoison) ? never : world.embedder.embed(texts);
  for (let times = 0; times < 12; times += 1) {
    const open = world
      .generatedEvents()
      .filter(({ run_id }) => world.runs.runs.get(run_id)?.status === 'generated');
    // The worker is gone: nothing after the call that kills it happens.
    const dying = embedRuns(open, { ...world.deps, embedder: { ...world.embedder, embed } });
    await Promise.race([dying, world.clock.advance(8 * 24 * 3_600_000)]);
    await sweep(world.deps);
  }
  expect(statusesOf(service)).toEqual(
    PROMPTS.map((prompt) => [prompt, prompt === 'poison' ? 'failed' : 'completed']),
  );
  const failed = [...world.runs.runs.values()].find(({ status }) => status === 'failed');
  expect(failed?.error?.code).toBe('attempts_exhausted');
  const view = (await (await service.ask(`/runs/${failed?.id}`)).json()) as RunView;
  expect(view.generations.map(({ text }) => text)).toEqual(['about poison']);
});

test('36. a run whose output is not as it was saved ends with the code of that, after five attempts', async () => {
  const world = makeWorld({ generateOne: answering() });
  const service = makeService({ world });
  const { run } = await service.run({ prompt: 'one' });
  const key = [...world.content.objects.keys()].find((each) => each.startsWith(`outputs/${run.id}/`)) ?? '';
  await world.content.delete([key]);
  await service.untilQuiet();
  expect(service.onlyRun()).toMatchObject({ status: 'failed', error: { code: 'missing_object' } });
});
