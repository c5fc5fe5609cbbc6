import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { embedBatch } from '../../../lib/embed/embed-batch.ts';
import { UpstreamError } from '../../../lib/errors.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makeMemoryEmbedder } from '../../memory/embedder.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const LIMIT = { maxChunks: 20 };

/** Chunks of an output: each paragraph is one, as no two fit into a chunk together. */
const textOf = (chunks: number, name: string) =>
  Array.from({ length: chunks }, (_, at) => `${name} ${at} ${'word '.repeat(220)}`).join('\n\n');

/** A world with runs of these numbers of chunks, and their events. */
const generated = async (chunks: number[], embedder = makeMemoryEmbedder()) => {
  const world = makeWorld({
    embedder,
    generateOne: makeGenerateOne(({ messages }) => {
      const [name = '', many = '0'] = (messages[0]?.content ?? '').split(':');
      return textOf(Number(many), name);
    }),
  });
  for (const [at, many] of chunks.entries()) {
    const started = await makeStartRun(world.deps)({ prompt: `r${at}:${many}` }, { caller: 'docs' });
    if (started.kind === 'started') await started.done;
  }
  const events = world.generatedEvents();
  expect(events.map(({ outputs }) => outputs[0]?.chunks)).toEqual(chunks);
  return { world, events };
};

const statuses = (world: World) => [...world.runs.runs.values()].map(({ status }) => status);

/** The chunks of each upsert. */
const watchUpserts = (world: World) => {
  const upserts: number[] = [];
  const vectors: World['vectors'] = {
    ...world.vectors,
    upsert: async (namespace, records) => {
      upserts.push(records.length);
      await world.vectors.upsert(namespace, records);
    },
  };
  return { upserts, deps: { ...world.deps, vectors } };
};

describe('a batch of messages', () => {
  test('is embedded by a bounded number of chunks at once; a larger run goes alone', async () => {
    const { world, events } = await generated([15, 4, 1, 1, 23, 5, 6]);
    const { upserts, deps } = watchUpserts(world);
    expect(await embedBatch([...events, ...events.slice(0, 1)], deps, LIMIT)).toEqual(new Map());
    expect(upserts).toEqual([20, 1, 23, 11]);
    expect(statuses(world)).toEqual(Array(7).fill('completed'));
    for (const request of world.embedder.requests) {
      expect(request.length).toBeLessThanOrEqual(2_048);
      expect(Buffer.byteLength(request.join(''))).toBeLessThanOrEqual(300_000);
    }
  });

  test('completes every run, however the chunks fall', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), async (chunks) => {
        const { world, events } = await generated(chunks);
        const { upserts, deps } = watchUpserts(world);
        expect(await embedBatch(events, deps, LIMIT)).toEqual(new Map());
        expect(statuses(world)).toEqual(chunks.map(() => 'completed'));
        expect(Math.max(0, ...upserts)).toBeLessThanOrEqual(20);
      }),
      { numRuns: 20 },
    );
  });

  test('asks a service that is down for one group alone, and fails the others with the same error', async () => {
    let asked = 0;
    const embedder: ReturnType<typeof makeMemoryEmbedder> = {
      ...makeMemoryEmbedder(),
      embed: async () => {
        asked += 1;
        throw new UpstreamError('embeddings', 'the embeddings server answered 503', { status: 503 });
      },
    };
    const { world, events } = await generated([15, 15, 15], embedder);
    const failures = await embedBatch(events, world.deps, LIMIT);
    expect([...failures.keys()]).toEqual(events.map(({ run_id }) => run_id));
    expect(new Set(failures.values()).size).toBe(1);
    expect(asked).toBe(1);
    expect(statuses(world)).toEqual(Array(3).fill('generated'));
  });

  test('goes on after a run that fails alone', async () => {
    const { world, events } = await generated([15, 15]);
    world.content.objects.delete(
      [...world.content.objects.keys()].find((key) => key.startsWith('outputs/')) ?? '',
    );
    const failures = await embedBatch(events, world.deps, LIMIT);
    expect([...failures.keys()]).toEqual([events[0]?.run_id]);
    expect(statuses(world)).toEqual(['generated', 'completed']);
  });
});
