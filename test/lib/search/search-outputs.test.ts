import { describe, expect, test } from 'vitest';
import { makeBudget } from '../../../lib/budget/budget.ts';
import { dayOf } from '../../../lib/budget/daily.ts';
import { UpstreamError } from '../../../lib/errors.ts';
import { listedOf } from '../../../lib/runs/list/entry.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { makeRouteOf, makeServer } from '../../../lib/sampling/server.ts';
import { makeSearchOutputs } from '../../../lib/search/search-outputs.ts';
import type { SearchFilter } from '../../../lib/search/search-query.ts';
import { wordsToStore } from '../../../lib/vectors/words.ts';
import { makeMemoryClock } from '../../memory/clock.ts';
import { makeMemoryEmbedder } from '../../memory/embedder.ts';
import { makeMemoryLog } from '../../memory/log.ts';
import { makeMemoryRunList } from '../../memory/run-list.ts';
import { makeMemorySpending } from '../../memory/spending.ts';
import { makeMemoryVectorIndex } from '../../memory/vector-index.ts';

const run = (id: string, change: Partial<Run> = {}): Run => ({
  id,
  caller: 'ann',
  status: 'completed',
  createdAt: '2026-11-20T10:00:00.000Z',
  model: 'gpt-6-luna',
  labels: ['default'],
  models: ['gpt-6-luna'],
  samples: 1,
  index: true,
  store: true,
  metadata: {},
  conversation: null,
  previousRun: null,
  turnKey: null,
  requestHash: '',
  request: null,
  template: null,
  attempts: 1,
  lease: null,
  generations: [],
  pending: [],
  dueAt: null,
  dueTries: 0,
  file: null,
  error: null,
  diversity: null,
  chunkRule: 1,
  putBacks: 0,
  embedAttempts: 0,
  trace: null,
  reserved: null,
  charged: null,
  chargedOn: null,
  ...change,
});

/** As `vectorMetadata` stores them. */
const wordsOf = (text = '') => {
  const words = wordsToStore(text);
  return words.length > 0 ? { words } : {};
};

const scene = (tokens: number | null = null) => {
  const spending = makeMemorySpending();
  const clock = makeMemoryClock();
  const embedder = makeMemoryEmbedder({ dimensions: 256 });
  const index = makeMemoryVectorIndex({ dimension: 256 });
  const list = makeMemoryRunList();
  const log = makeMemoryLog();
  const runs = new Map<string, Run>();
  const reads: string[] = [];
  const asked: number[] = [];
  const filters: unknown[] = [];
  const store = async (owner: Run, texts: string[][], figures: Record<string, string | number> = {}) => {
    runs.set(owner.id, owner);
    for (const [at, chunks] of texts.entries()) {
      const { vectors } = await embedder.embed(chunks);
      const records = vectors.map((values, chunk) => ({
        id: `${owner.id}#${at}#${chunk}`,
        values,
        metadata: {
          text: chunks[chunk] ?? '',
          run_id: owner.id,
          index: at,
          chunk,
          ...figures,
          ...wordsOf(chunks[chunk]),
        },
      }));
      await index.upsert(`bag-of-words:ann`, records);
    }
  };
  const search = makeSearchOutputs({
    embedder,
    index: {
      query: (namespace, vector, options) => {
        asked.push(options.topK);
        filters.push(options.filter);
        return index.query(namespace, vector, options);
      },
      fetch: (...args) => index.fetch(...args),
    },
    list,
    getRun: async (id) => {
      reads.push(id);
      return runs.get(id);
    },
    namespace: (caller) => `bag-of-words:${caller}`,
    budget: makeBudget({
      ...spending,
      routeOf: makeRouteOf(makeServer(''), new Map()),
      priceOf: () => undefined,
      clock,
      log,
    }),
    embeddingPriceOf: () => undefined,
    log,
  });
  if (tokens !== null) void spending.budgets.set('ann', { tokens, costUsd: null });
  const counted = () => spending.spend.get({ caller: 'ann', day: dayOf(clock.now()) });
  const find = async (query: string, topK = 10, filter: SearchFilter = {}, caller = 'ann') =>
    (await search(caller, { query, topK, filter })).matches;
  return { embedder, index, list, log, runs, reads, asked, filters, search, store, find, counted };
};

describe('a search', () => {
  test('finds the output that is nearest in meaning, with its text and figures', async () => {
    const { store, find } = scene();
    await store(run('run_1'), [['vector databases search embeddings'], ['the cat sat on the mat']], {
      label: 'A',
      tokens: 4,
    });
    const [first, second] = await find('search embeddings');
    expect(first).toEqual({
      score: expect.closeTo(Math.SQRT1_2, 5),
      run_id: 'run_1',
      index: 0,
      text: 'vector databases search embeddings',
      words: [],
      model: 'gpt-6-luna',
      label: 'A',
      created_at: '2026-11-20T10:00:00.000Z',
      prompt_preview: null,
      metadata: { chunk: 0, label: 'A', tokens: 4 },
    });
    expect(second?.index).toBe(1);
  });

  test("shows the preview of each run's prompt as lists do", async () => {
    const { store, find, list } = scene();
    const [known, unknown] = [run('run_1'), run('run_2')];
    await store(known, [['vector search'], ['vector search in graphs']]);
    await store(unknown, [['search']]);
    await list.put(listedOf(known, { promptPreview: 'What is search?' }));
    expect((await find('vector search')).map((match) => [match.run_id, match.prompt_preview])).toEqual([
      ['run_1', 'What is search?'],
      ['run_1', 'What is search?'],
      ['run_2', null],
    ]);
  });

  test('shows the vector of each text if vectors are wanted, and null for one deleted meanwhile', async () => {
    const { store, search, find, index, embedder } = scene();
    await store(run('run_1'), [['vector search']]);
    expect((await find('vector search'))[0]).not.toHaveProperty('vector');
    const { vectors } = await embedder.embed(['vector search']);
    const wanted = { query: 'vector search', topK: 10, filter: {}, includesVectors: true };
    expect((await search('ann', wanted)).matches[0]?.vector).toEqual(Array.from(vectors[0] ?? []));
    index.fetch = async () => [];
    expect((await search('ann', wanted)).matches[0]?.vector).toBeNull();
  });

  test('shows an output of many chunks once, by its best chunk', async () => {
    const { store, find } = scene();
    await store(run('run_1'), [['nothing of it', 'vector search', 'vector search in graphs'], ['graphs']]);
    const matches = await find('vector search');
    expect(matches.map(({ index, text }) => [index, text])).toEqual([
      [0, 'vector search'],
      [1, 'graphs'],
    ]);
  });

  test("leaves out outputs that are deleted, gone, or another caller's, and fills up with the next", async () => {
    const { store, find, runs } = scene();
    await store(run('run_deleted', { status: 'deleted' }), [['vector search']]);
    await store(run('run_other', { caller: 'bob' }), [['vector search']]);
    await store(run('run_gone'), [['vector search']]);
    runs.delete('run_gone');
    await store(run('run_1'), [['vector search in graphs'], ['graphs of words']]);
    expect((await find('vector search', 1)).map(({ run_id, index }) => [run_id, index])).toEqual([
      ['run_1', 0],
    ]);
    expect(await find('vector search')).toHaveLength(2);
  });

  test('requests more vectors while hidden ones are in the way, and reads each run once', async () => {
    const { store, find, asked, reads } = scene();
    for (let at = 0; at < 60; at += 1)
      await store(run(`run_hidden_${at}`, { status: 'deleted' }), [['vector search']]);
    await store(run('run_1'), [['vector search in graphs']]);
    expect((await find('vector search', 2)).map(({ run_id }) => run_id)).toEqual(['run_1']);
    expect(asked).toEqual([14, 56, 224]);
    expect(reads).toHaveLength(61);
  });

  test('stops after 1,000 vectors', async () => {
    const { store, find, asked } = scene();
    await store(
      run('run_hidden', { status: 'deleted' }),
      Array.from({ length: 1_100 }, () => ['vector search']),
    );
    await store(run('run_1'), [['graphs']]);
    expect(await find('vector search', 100)).toEqual([]);
    expect(asked).toEqual([210, 840, 1_000]);
  });

  test('answers with what it has, and a warning, when the index refuses to return more vectors', async () => {
    const { store, search, index } = scene();
    for (let at = 0; at < 60; at += 1)
      await store(run(`run_hidden_${at}`, { status: 'deleted' }), [['vector search in graphs']]);
    await store(run('run_1'), [['vector search']]);
    const { query } = index;
    index.query = async (namespace, vector, options) => {
      if (options.topK <= 14) return query(namespace, vector, options);
      throw new UpstreamError('pinecone', 'the result exceeds 4 MB', { status: 400, retryable: false });
    };
    const { matches, warnings } = await search('ann', { query: 'vector search', topK: 2, filter: {} });
    expect([matches.map(({ run_id }) => run_id), warnings]).toEqual([
      ['run_1'],
      [expect.stringContaining('narrow it by a filter')],
    ]);
  });

  test("never leaves the caller's namespace", async () => {
    const { store, find } = scene();
    await store(run('run_1'), [['vector search']]);
    expect(await find('vector search', 10, {}, 'bob')).toEqual([]);
  });

  test('leaves out vectors that do not belong to an output', async () => {
    const { find, index, embedder } = scene();
    const { vectors } = await embedder.embed(['vector search']);
    await index.upsert('bag-of-words:ann', [
      { id: 'foreign', values: vectors[0] ?? new Float32Array(256), metadata: { text: 'x' } },
    ]);
    expect(await find('vector search')).toEqual([]);
  });

  test('refuses a query that the embedding model refuses', async () => {
    await expect(scene().find('  ')).rejects.toMatchObject({
      name: 'InvalidInputError',
      issues: [{ path: 'query' }],
    });
  });
});

describe('a search with a rare word', () => {
  /** Sixty outputs that are nearer in meaning than the one with the identifier. */
  const filled = async () => {
    const made = scene();
    const near = Array.from({ length: 60 }, (_, at) => [
      `why does the queue stop ${'again '.repeat(at % 7)}`,
    ]);
    await made.store(run('run_near'), near);
    await made.store(run('run_code'), [['printed on a label: ERR_4411, after lunch on the third day']]);
    return made;
  };

  test('finds the one output that has it first, however far its meaning is, and says so', async () => {
    const { find, asked } = await filled();
    const query = 'why does the queue stop with ERR_4411';
    const [first, second] = await find(query, 5);
    expect(first).toMatchObject({ run_id: 'run_code', words: ['err_4411'] });
    expect(first?.score).toBeLessThan(second?.score ?? 0);
    expect(second).toMatchObject({ run_id: 'run_near', words: [] });
    expect(first?.metadata).not.toHaveProperty('words');
    expect(asked).toEqual([20, 20]);
  });

  test('finds it by its number alone, and in any case', async () => {
    const { find } = await filled();
    expect((await find('queue 4411', 1))[0]).toMatchObject({ run_id: 'run_code', words: ['4411'] });
    expect((await find('queue err_4411', 1))[0]).toMatchObject({ run_id: 'run_code', words: ['err_4411'] });
  });

  test('is by meaning alone, in one query and in the same order, when all words are common', async () => {
    const { find, asked, index, embedder } = await filled();
    const query = 'why does the queue stop again';
    const matches = await find(query, 10);
    expect(asked).toEqual([30]);
    const { vectors } = await embedder.embed([query]);
    const nearest = await index.query('bag-of-words:ann', vectors[0] ?? new Float32Array(), { topK: 10 });
    expect(matches.map(({ run_id, index: at }) => `${run_id}#${at}#0`)).toEqual(nearest.map(({ id }) => id));
    expect(matches.every(({ words }) => words.length === 0)).toBe(true);
  });

  test('has the order of the meaning when no output has the word', async () => {
    const { find } = await filled();
    const matches = await find('why does the queue stop with ERR_9999', 10);
    expect(matches).toHaveLength(10);
    const scores = matches.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  test('finds it beside a word that so many outputs have that no more fit into an answer', async () => {
    const { find, store, asked } = scene();
    const many = Array.from({ length: 80 }, (_, at) => [`kubelet and queue ${'again '.repeat(at % 5)}`]);
    await store(run('run_many'), many);
    await store(run('run_name'), [['a letter of the third day by szymborska']]);
    const [first] = await find('kubelet queue szymborska', 5);
    expect(first).toMatchObject({ run_id: 'run_name', words: ['szymborska'] });
    expect(asked).toEqual([20, 20, 20]);
  });

  test('keeps to the filter, to the caller and to runs that are not deleted', async () => {
    const { find, runs, filters } = await filled();
    expect(await find('ERR_4411', 5, { runId: 'run_near' })).toHaveLength(5);
    expect(filters.at(-2)).toEqual({ run_id: { $eq: 'run_near' } });
    expect(filters.at(-1)).toEqual({
      $and: [{ run_id: { $eq: 'run_near' } }, { words: { $in: ['err_4411', 'err', '4411'] } }],
    });
    expect(await find('ERR_4411', 5, {}, 'bob')).toEqual([]);
    runs.set('run_code', run('run_code', { status: 'deleted' }));
    const found = await find('ERR_4411', 5);
    expect(found.map(({ run_id }) => run_id)).toEqual(Array(5).fill('run_near'));
  });

  test('re-ranks by their text vectors that were stored without words', async () => {
    const { find, store, index } = scene();
    await store(run('run_1'), [
      ['the queue stops'],
      ['the queue stops with ERR_4411 again and again and again'],
    ]);
    for (const records of index.namespaces.values())
      for (const record of records.values()) delete record.metadata.words;
    const [first] = await find('the queue stops ERR_4411', 2);
    expect(first).toMatchObject({ index: 1, words: ['err_4411'] });
  });

  test('answers by meaning, with a warning, when the look-up of words fails or hangs', async () => {
    const { index, search, log } = await filled();
    const { query } = index;
    const ask = () => search('ann', { query: 'the queue stops ERR_4411', topK: 5, filter: {} });
    let attempts = 0;
    const failing = [
      async (_: number) => {
        throw new UpstreamError('pinecone', 'Pinecone answered 400', { status: 400, retryable: false });
      },
      (_: number) => new Promise<never>(() => {}),
    ];
    for (const fail of failing) {
      index.query = (namespace, vector, options) =>
        JSON.stringify(options.filter ?? {}).includes('"words"')
          ? fail(attempts++)
          : query(namespace, vector, options);
      const { matches, warnings } = await ask();
      expect(matches).toHaveLength(5);
      expect(warnings).toEqual([expect.stringContaining('could not be looked up')]);
    }
    expect(attempts).toBe(2);
    expect(log.named('search.words_failed')).toMatchObject([{ level: 'warn', code: 'upstream_error' }]);
    index.query = async () => {
      throw new UpstreamError('pinecone', 'Pinecone answered 500');
    };
    await expect(ask()).rejects.toMatchObject({ name: 'UpstreamError' });
  });
});

describe("a search's filter", () => {
  const filled = async () => {
    const { store, find } = scene();
    await store(run('run_1'), [['vector search']], {
      label: 'A',
      model: 'asked',
      response_model: 'answered',
      created_at: 100,
      e2e_ms: 50,
      tokens: 9,
      'metadata.team': 'docs',
    });
    await store(run('run_2'), [['vector search']], {
      label: 'B',
      model: 'asked',
      response_model: 'asked',
      created_at: 200,
      e2e_ms: 90,
    });
    return async (filter: SearchFilter) =>
      (await find('vector search', 10, filter)).map(({ run_id }) => run_id).sort();
  };

  test('applies each field, and all of them together', async () => {
    const found = await filled();
    expect(await found({})).toEqual(['run_1', 'run_2']);
    expect(await found({ model: 'answered' })).toEqual(['run_1']);
    expect(await found({ model: 'asked' })).toEqual(['run_1', 'run_2']);
    expect(await found({ label: 'B' })).toEqual(['run_2']);
    expect(await found({ runId: 'run_1' })).toEqual(['run_1']);
    expect(await found({ since: 200 })).toEqual(['run_2']);
    expect(await found({ until: 200 })).toEqual(['run_1']);
    expect(await found({ max: { e2e_ms: 50 } })).toEqual(['run_1']);
    expect(await found({ min: { e2e_ms: 50 }, max: { e2e_ms: 90 } })).toEqual(['run_1', 'run_2']);
    expect(await found({ metadata: { team: 'docs' } })).toEqual(['run_1']);
    expect(await found({ model: 'asked', since: 150, label: 'A' })).toEqual([]);
  });

  test('does not treat an unknown figure as small', async () => {
    const found = await filled();
    expect(await found({ max: { tokens: 1_000 } })).toEqual(['run_1']);
    expect(await found({ min: { tokens: 0 } })).toEqual(['run_1']);
  });

  test('cannot be used to inject an operator', async () => {
    const found = await filled();
    const forged: unknown[] = [
      { label: { $ne: 'x' } },
      { runId: ['run_1'] },
      { metadata: { team: { $exists: true } } },
      { max: { e2e_ms: '90' } },
      { min: { e2e_ms: Number.NaN } },
      { min: { $or: 1 } },
      { since: { $gt: 0 } },
    ];
    for (const filter of forged) {
      await expect(found(filter as SearchFilter)).rejects.toMatchObject({
        name: 'InvalidInputError',
        code: 'invalid_input',
      });
    }
    expect(await found({ metadata: { $or: 'x' } })).toEqual([]);
  });
});

test("a query is counted on its caller's budget, and not sent when that does not cover it", async () => {
  const { find, counted, embedder } = scene(30);
  await find('rain at sea');
  // The embedder counts a token a word.
  expect(await counted()).toMatchObject({ tokens: 3, nanoUsd: 0 });
  const before = embedder.requests.length;
  await expect(find('a query of more bytes than are left')).rejects.toMatchObject({ code: 'over_budget' });
  expect(embedder.requests).toHaveLength(before);
  expect(await counted()).toMatchObject({ tokens: 3, nanoUsd: 0 });
  await find('somebody else is not limited', 10, {}, 'bob');
});
