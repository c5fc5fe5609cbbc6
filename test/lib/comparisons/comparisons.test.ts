import { beforeEach, describe, expect, test } from 'vitest';
import { createComparison } from '../../../lib/comparisons/create.ts';
import { answerKey, readComparison } from '../../../lib/comparisons/read.ts';
import type { ComparisonView, Figure } from '../../../lib/comparisons/view.ts';
import type { GenerateOne } from '../../../lib/generate/generate-one.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { makeComparing } from '../../factories/comparison.ts';
import { makeGenerateOne, serverError, withSampling } from '../../factories/generation.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const WORDS = ['index', 'vector', 'graph', 'cosine', 'search', 'cluster', 'token', 'layer'];
let made = 0;
/** `slow` takes 40 ms longer to its first token; `varied` has a different text each time, the others do not. */
const model: GenerateOne = async (input) => {
  const { setting, messages } = input;
  const prompt = messages[0]?.content ?? '';
  const says = makeGenerateOne(() => {
    if (setting.label === 'failing' && prompt === 'two') return null;
    made += 1;
    return setting.label === 'varied'
      ? `${WORDS[made % 8]} ${WORDS[(made * 3) % 8]} ${WORDS[(made * 5 + 1) % 8]} ${WORDS[(made * 7 + 2) % 8]}`
      : `The answer to ${prompt} is always this one`;
  });
  const { generation, trace } = await says(input);
  const timing = generation.timing && {
    ...generation.timing,
    ttft_ms: 100 + (made % 5) + (setting.label === 'slow' ? 40 : 0),
    cold_start: made === 1,
  };
  return { generation: { ...generation, timing }, trace };
};

let world: World;
let comparing: ReturnType<typeof makeComparing>;
const useWorld = (own: World) => {
  world = own;
  comparing = makeComparing(own);
};
beforeEach(() => {
  made = 0;
  useWorld(makeWorld({ generateOne: model }));
});

const create = (body: object, by: { caller: string; idempotencyKey?: string } = { caller: 'docs' }) =>
  createComparison(body, by, world.deps);
const read = (id: string, caller = 'docs') => readComparison(id, caller, world.deps);

const work = () => comparing.work();
const workNow = () => comparing.workNow();
const embed = () => comparing.embed();
const compare = async (body: object): Promise<ComparisonView> => {
  const { id } = await create(body);
  await work();
  await embed();
  return read(id);
};
const differenceIn = (view: ComparisonView, figure: Figure) =>
  view.differences.find((one) => one.figure === figure);

const body = {
  prompts: ['one', 'two', { messages: [{ role: 'user', content: 'three' }] }],
  settings: [{ label: 'varied' }, { label: 'slow', model: 'gpt-6-sol' }],
  samples: 3,
  max_tokens: 60,
  objectives: { max_ttft_ms: 120 },
};

describe('a comparison', () => {
  test('is generated block by block after its warm-ups, and ends with summaries and differences', async () => {
    const { id } = await create(body);
    expect(await read(id)).toMatchObject({
      id,
      object: 'comparison',
      status: 'generating',
      progress: { blocks: 9, done: 0, generations: 18, completed: 0, failed: 0 },
      settings: [
        { label: 'varied', model: 'gpt-6-luna', n: 0 },
        { label: 'slow', model: 'gpt-6-sol' },
      ],
      differences: [],
    });
    await workNow();
    expect(await read(id)).toMatchObject({ progress: { done: 0 }, warm_up: { runs: 2, failed: 0 } });
    expect(world.runs.runs.size).toBe(2);
    await work();
    const generated = await read(id);
    expect(generated).toMatchObject({ status: 'generated', progress: { done: 9, completed: 18, failed: 0 } });
    expect(generated.settings[0]?.diversity).toBeNull();
    expect(differenceIn(generated, 'ttft_ms')).toMatchObject({ n: 9, p: null, clear: false });

    await embed();
    const view = await read(id);
    expect(view).toMatchObject({ status: 'completed', warm_up: { runs: 2, excluded: true }, error: null });
    const [varied, slow] = view.settings;
    expect(varied).toMatchObject({ n: 9, failed: 0, requested: { max_tokens: 60 }, objectives_met: 9 });
    expect(varied?.ttft_ms.mean).toBeGreaterThanOrEqual(100);
    expect(slow?.objectives_met).toBe(0);
    expect(slow?.goodput_per_s).toBe(0);
    expect(varied?.diversity?.embedding_diversity).toBeGreaterThan(0.1);
    expect(slow?.diversity).toMatchObject({
      prompts: 3,
      duplicate_rate: expect.closeTo(2 / 3),
      self_bleu_4: 1,
    });
    expect(slow?.diversity?.embedding_diversity).toBeCloseTo(0, 6);
    expect(slow?.sampling).toMatchObject({ warnings: [] });
    expect(differenceIn(view, 'ttft_ms')).toMatchObject({
      clear: true,
      finding: 'varied is lower than slow',
    });
    expect(differenceIn(view, 'embedding_diversity')).toMatchObject({ n: 3, difference: expect.any(Number) });
    expect(generated.verdict).toBeNull();
    expect(view.verdict).toMatchObject({ fastest: { figure: 'e2e_ms' }, cheapest: { figure: 'cost_usd' } });
    expect(view.notes.join(' ')).toContain('9 blocks in random order');
  });

  test('of many blocks waits for its warm-ups once', async () => {
    const many = Array.from({ length: 40 }, (_, at) => `prompt ${at}`);
    const { id } = await create({ prompts: many, settings: [{ label: 'varied' }] });
    await work();
    expect(await read(id)).toMatchObject({ progress: { blocks: 40, done: 40 } });
  });

  test('counts a cold start separately, and one of a warm-up not at all', async () => {
    const view = await compare({ ...body, settings: [{ label: 'varied' }, { label: 'slow' }] });
    // The first output of all was cold, and it was a warm-up.
    expect(view.cold_starts).toEqual({ n: 0 });
    const cold = makeWorld({
      generateOne: async (input) => {
        const output = await model(input);
        const { timing } = output.generation;
        const isFirst = input.messages[0]?.content === 'one';
        return {
          ...output,
          generation: { ...output.generation, timing: timing && { ...timing, cold_start: isFirst } },
        };
      },
    });
    useWorld(cold);
    const split = await compare(body);
    expect(split.cold_starts).toEqual({ n: 6 });
    expect(split.settings[0]).toMatchObject({ n: 9, ttft_ms: { n: 6 }, cold: { n: 3 } });
    expect(differenceIn(split, 'ttft_ms')).toMatchObject({ n: 6, left_out: 3 });
  });

  test('leaves failed generations out with their pairs, and notes it', async () => {
    const view = await compare({
      ...body,
      settings: [{ label: 'varied' }, { label: 'failing', model: 'gpt-6-sol' }],
    });
    expect(view).toMatchObject({ status: 'completed_with_errors', progress: { completed: 15, failed: 3 } });
    expect(view.settings[1]).toMatchObject({ n: 6, failed: 3, diversity: { prompts: 2 } });
    expect(Object.values(view.settings[1]?.errors ?? {})).toEqual([3]);
    expect(view.settings[0]?.errors).toEqual({});
    expect(view.notes).toContainEqual(expect.stringMatching(/^failing failed: \w+ \(3\)\.$/));
    expect(differenceIn(view, 'ttft_ms')).toMatchObject({ n: 6, left_out: 3 });
    expect(view.notes).toContainEqual(
      expect.stringMatching(/^3 failed generations are left out, with their pairs/),
    );
  });

  test('tells two settings that came to the same request as one, and compares neither with the other', async () => {
    const settings = [...body.settings, { label: 'again' }];
    const view = await compare({ ...body, settings });
    expect(view.settings.map(({ same_as }) => same_as)).toEqual([null, null, 'varied']);
    expect(view.settings[2]).toMatchObject({ n: 9, failed: 0 });
    expect(new Set(view.differences.map(({ a, b }) => `${a}, ${b}`))).toEqual(new Set(['varied, slow']));
    expect(view.notes).toContain(
      'again came to the same request as varied, so the two are one setting: again is not compared.',
    );
  });

  test('fails when it has no output at all', async () => {
    const view = await compare({ prompts: ['two'], settings: [{ label: 'failing' }], samples: 2 });
    expect(view).toMatchObject({ status: 'failed', progress: { done: 2, completed: 0, failed: 2 } });
  });

  test('has the pass rates of its checks', async () => {
    const view = await compare({
      ...body,
      checks: [{ type: 'contains', value: 'always' }],
    });
    expect(view.settings.map(({ pass_rate }) => [pass_rate?.passed, pass_rate?.n])).toEqual([
      [0, 9],
      [9, 9],
    ]);
    expect(differenceIn(view, 'pass_rate')).toMatchObject({ difference: -1, clear: true });
  });

  test('needs two samples for diversity, and an index for the diversity of embeddings', async () => {
    const single = await compare({ ...body, samples: 1 });
    expect(single.settings[0]).toMatchObject({ diversity: null, sampling: { warnings: [] } });
    const unindexed = await compare({ ...body, index: false });
    expect(unindexed.status).toBe('completed');
    expect(unindexed.settings[1]?.diversity).toMatchObject({ embedding_diversity: null, self_bleu_4: 1 });
    expect(unindexed.notes).toContain('No embedding diversity: index is false.');
  });

  test('can be followed through its runs, which are lines of a prompt file like any other', async () => {
    const view = await compare(body);
    const { runs } = await world.listRuns({ caller: 'docs', limit: 100, metadata: { comparison: view.id } });
    expect(runs).toHaveLength(11);
    expect(runs.filter(({ metadata }) => metadata.warm_up === 'true')).toHaveLength(2);
    expect(await world.files.get(view.id)).toMatchObject({ status: 'completed', lines: 11, blocks: 2 });
    const results = await world.content.get(`results/comparisons/${view.id}.jsonl`);
    expect(results.trimEnd().split('\n')).toHaveLength(11);
  });
});

describe('the answer of a completed comparison', () => {
  test('is stored, and outlives its runs', async () => {
    const view = await compare(body);
    expect(world.content.objects.has(answerKey(view.id))).toBe(true);
    for (const id of world.runs.runs.keys()) await deleteRun(id, 'docs', world.deps);
    expect(await read(view.id)).toEqual(view);
  });

  test('that an earlier version stored, without a name, is still read', async () => {
    const view = await compare(body);
    const { name, ...earlier } = view;
    await world.content.put(answerKey(view.id), JSON.stringify(earlier), 'application/json');
    expect(await read(view.id)).toEqual({ ...view, name: null });
  });

  test('is not stored while vectors cannot be read, and has a note on it', async () => {
    const { id } = await create(body);
    await work();
    await embed();
    const broken = { ...world.deps, vectors: { fetch: async () => Promise.reject(serverError()) } };
    const without = await readComparison(id, 'docs', broken);
    expect(without.status).toBe('completed');
    expect(without.differences.some(({ clear }) => clear)).toBe(false);
    expect(without.verdict).toBeNull();
    expect(without.notes).toContain('The vectors could not be read now; ask again.');
    expect((await read(id)).settings[0]?.diversity?.embedding_diversity).not.toBeNull();
  });

  test('leaves out blocks whose runs were deleted before it was stored', async () => {
    const { id } = await create(body);
    await work();
    await embed();
    const run = [...world.runs.runs.values()].find(({ metadata }) => metadata.block === '1');
    await deleteRun(run?.id ?? '', 'docs', world.deps);
    const view = await read(id);
    expect(view).toMatchObject({ status: 'completed', progress: { completed: 16, failed: 0 } });
    expect(view.notes).toContain('1 block left out: its run was deleted.');
  });
});

describe('accepting a comparison', () => {
  test('returns the same comparison for the same key and body, and refuses another body', async () => {
    const by = { caller: 'docs', idempotencyKey: 'k' };
    const first = await create(body, by);
    expect(first.isReplay).toBe(false);
    expect(await create(body, by)).toEqual({ id: first.id, isReplay: true });
    await work();
    expect(await create(body, by)).toEqual({ id: first.id, isReplay: true });
    expect(world.runs.runs.size).toBe(11);
    await expect(create({ ...body, samples: 2 }, by)).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect((await create(body, { ...by, caller: 'other' })).id).not.toBe(first.id);
  });

  test('stores one of two bodies that race for the same key, and that one whole', async () => {
    const by = { caller: 'docs', idempotencyKey: 'k' };
    const both = await Promise.allSettled([create(body, by), create({ ...body, samples: 2 }, by)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const won = both.find((one) => one.status === 'fulfilled');
    await work();
    await embed();
    const view = await read(won?.value.id ?? '');
    expect(view).toMatchObject({ status: 'completed', progress: { completed: view.samples * 6 } });
  });

  test('survives a message that cannot be sent: the sweep sends it', async () => {
    const silent = { ...world.deps, fileQueue: { send: async () => Promise.reject(serverError()) } };
    const { id } = await createComparison(body, { caller: 'docs' }, silent);
    await work();
    expect((await read(id)).progress.done).toBe(0);
    await world.clock.advance(61_000);
    await sweep(world.deps);
    await work();
    expect((await read(id)).progress.done).toBe(9);
  });

  test('makes it visible to its caller alone', async () => {
    const { id } = await create(body);
    await expect(read(id, 'other')).rejects.toMatchObject({ code: 'not_found' });
    await expect(read('cmp_00000000000000000000000001')).rejects.toMatchObject({ code: 'not_found' });
    await expect(read('run_00000000000000000000000001')).rejects.toMatchObject({ code: 'not_found' });
  });
});

test('a comparison of more than 5 MB leaves out how its later settings were sampled, and names their runs', async () => {
  useWorld(makeWorld({ generateOne: withSampling(model, 'http://127.0.0.1:1/v1') }));
  const stop = '"'.repeat(30_000);
  const settings = Array.from({ length: 16 }, (_, at) => ({ label: `setting ${at}` }));
  const view = await compare({ prompts: ['one'], settings, stop, samples: 2 });
  expect(Buffer.byteLength(JSON.stringify(JSON.stringify(view)))).toBeLessThanOrEqual(5_000_000);
  expect(view.status).toBe('completed');
  expect(view.settings[0]).toMatchObject({
    requested: { stop: [stop] },
    sampling: { requested: { stop: [stop] } },
  });
  expect(view.settings[15]).toMatchObject({
    sampling: null,
    left_out: { fields: ['sampling'], read_at: `/runs?metadata.comparison=${view.id}` },
  });
  expect(await read(view.id)).toEqual(view);
});

test('a setting whose outputs only call tools is compared on times and cost, and has no texts to compare', async () => {
  const call = { id: 'a', type: 'function' as const, function: { name: 'look_up', arguments: '{}' } };
  const says = makeGenerateOne(({ setting }) => (setting.tools ? '' : 'The same each time.'));
  useWorld(
    makeWorld({
      generateOne: async (input) => {
        const { generation, trace } = await says(input);
        return { generation: { ...generation, ...(input.setting.tools && { tool_calls: [call] }) }, trace };
      },
    }),
  );
  const tools = [{ type: 'function', function: { name: 'look_up' } }];
  const view = await compare({
    prompts: ['one', 'two', 'three'],
    settings: [{ label: 'calls', tools }, { label: 'texts' }],
    samples: 3,
  });
  const [calls, texts] = view.settings;
  expect([calls?.n, texts?.n]).toEqual([9, 9]);
  expect(calls?.diversity).toMatchObject({ duplicate_rate: null, embedding_diversity: null });
  expect(texts?.diversity).toMatchObject({ duplicate_rate: expect.closeTo(2 / 3) });
});
