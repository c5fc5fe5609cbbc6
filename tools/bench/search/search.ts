import { writeFileSync } from 'node:fs';
import { makePineconeIndex } from '../../../lib/adapters/pinecone/vector-index.ts';
import { vectorId } from '../../../lib/runs/keys.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { makeSearchOutputs } from '../../../lib/search/search-outputs.ts';
import { chunkText } from '../../../lib/vectors/chunk-text.ts';
import { vectorMetadata } from '../../../lib/vectors/metadata.ts';
import type { Embedder, VectorIndex, VectorRecord } from '../../../lib/vectors/ports.ts';
import { readTopics } from '../../../local/model/topics.ts';
import { ENCODER_DIMENSIONS, startEncoder } from '../../../local/openai/encoder.ts';
import { startPinecone } from '../../../local/pinecone/server.ts';
import { exitOnSignal, readFlags } from '../../command.ts';
import { table } from '../../scale/markdown.ts';
import { TOPICS } from './test-set.ts';

const USAGE = 'usage: npm run bench -- search [--json results.json]';
const NAMESPACE = 'bench';
const CALLER = 'bench';
const TOP_K = 10;
const TEXTS_AT_ONCE = 20;
/** Paragraphs of each topic of the local prose, as outputs that answer no query. */
const OTHERS_OF_A_TOPIC = 6;
/** The queries that each kind has: one for each topic. */
const KINDS = ['by meaning', 'by an identifier or name'] as const;

type Output = { runId: string; text: string };
type Query = { kind: (typeof KINDS)[number]; text: string; relevant: string };
/** The ids of the runs found, best first. */
type Search = (query: string) => Promise<string[]>;
/** `places` are those of the relevant outputs, from 1; Infinity for one that was not found. */
type Row = { kind: string; search: string; places: number[] };

/**
 * `npm run bench -- search`: how well 50 queries find the outputs that answer them, by meaning alone, and by words and
 * meaning. Uses the encoder and the Pinecone of the local stack, and the code that answers POST /search. The outputs are
 * those of the test set and paragraphs that the local language model is trained on. Deterministic.
 */
export const run = async (args: string[]): Promise<number> => {
  const { json } = readFlags(args, { json: { type: 'string' } }, USAGE);
  exitOnSignal();
  const encoder = startEncoder();
  const pinecone = await startPinecone({ file: ':memory:' });
  try {
    const index = makePineconeIndex({
      apiKey: pinecone.apiKey,
      controllerHost: pinecone.url,
      indexName: 'bench',
      dimension: ENCODER_DIMENSIONS,
      readyPollMs: 10,
    });
    const embedder: Embedder = {
      model: 'everytoken-use',
      dimensions: ENCODER_DIMENSIONS,
      embed: async (texts) => ({
        vectors: await Promise.all(texts.map((text) => encoder.embed(text))),
        tokens: null,
      }),
    };
    const outputs = outputsOf();
    await store(outputs, index, embedder);
    const rows = await measure(queriesOf(outputs), {
      'meaning alone': byMeaning(index, embedder),
      'words and meaning': byWordsAndMeaning(index, embedder),
    });
    console.log(`${outputs.length} outputs\n`);
    console.log(table(['queries', 'search', 'recall@1', 'recall@5', 'MRR'], rows.map(cellsOf)));
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  } finally {
    await encoder.close();
    await pinecone.close();
  }
};

const outputsOf = (): Output[] => {
  const own = TOPICS.flatMap(({ explanation, note, like }) => [explanation, note, like]);
  const others = readTopics().flatMap(({ paragraphs }) => paragraphs.slice(0, OTHERS_OF_A_TOPIC));
  return [...own, ...others].map((text, at) => ({ runId: `run_${String(at).padStart(26, '0')}`, text }));
};

const queriesOf = (outputs: Output[]): Query[] => {
  const idOf = (text: string) => outputs.find((output) => output.text === text)?.runId ?? '';
  return TOPICS.flatMap(({ explanation, question, note, lookup }): Query[] => [
    { kind: KINDS[0], text: question, relevant: idOf(explanation) },
    { kind: KINDS[1], text: lookup, relevant: idOf(note) },
  ]);
};

const store = async (outputs: Output[], index: VectorIndex, embedder: Embedder): Promise<void> => {
  for (let at = 0; at < outputs.length; at += TEXTS_AT_ONCE) {
    const chunks = outputs
      .slice(at, at + TEXTS_AT_ONCE)
      .flatMap(({ runId, text }) => chunkText(text).map((chunk, number) => ({ runId, number, text: chunk })));
    const { vectors } = await embedder.embed(chunks.map(({ text }) => text));
    const records = chunks.flatMap(({ runId, number, text }, place): VectorRecord[] => {
      const values = vectors[place];
      if (!values) return [];
      const metadata = vectorMetadata({ ...SOURCE, runId, chunk: { index: number, text } });
      return [{ id: vectorId(runId, 0, number), values, metadata }];
    });
    await index.upsert(NAMESPACE, records);
  }
};

const SOURCE = {
  model: 'bench',
  metadata: {},
  createdAt: 0,
  generation: {
    index: 0,
    label: 'default',
    model: 'bench',
    usage: { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null },
    timing: null,
    cost_usd: null,
  },
};

/** The runs of the nearest vectors, as a search without words has them. */
const byMeaning =
  (index: VectorIndex, embedder: Embedder): Search =>
  async (query) => {
    const { vectors } = await embedder.embed([query]);
    const matches = await index.query(NAMESPACE, vectors[0] ?? new Float32Array(), { topK: 3 * TOP_K });
    return [...new Set(matches.map(({ metadata }) => String(metadata.run_id)))].slice(0, TOP_K);
  };

const byWordsAndMeaning = (index: VectorIndex, embedder: Embedder): Search => {
  const search = makeSearchOutputs({
    embedder,
    index,
    getRun: async (id) => ({ id, caller: CALLER, status: 'completed', createdAt: '', model: '' }) as Run,
    list: { get: async () => undefined },
    namespace: () => NAMESPACE,
    log: { info: () => {}, warn: console.error, error: console.error },
    budget: { reserveAmount: async () => null, reserveRequest: async () => null, settle: async () => {} },
    embeddingPriceOf: () => undefined,
  });
  return async (query) => {
    const { matches } = await search(CALLER, { query, topK: TOP_K, filter: {} });
    return matches.map(({ run_id }) => run_id);
  };
};

const measure = async (queries: Query[], searches: Record<string, Search>): Promise<Row[]> => {
  const found: (Query & { search: string; place: number })[] = [];
  for (const query of queries) {
    for (const [name, search] of Object.entries(searches)) {
      const at = (await search(query.text)).indexOf(query.relevant);
      found.push({ ...query, search: name, place: at < 0 ? Number.POSITIVE_INFINITY : at + 1 });
    }
  }
  return ['all', ...KINDS].flatMap((kind) =>
    Object.keys(searches).map((name) => ({
      kind,
      search: name,
      places: found
        .filter((each) => each.search === name && (kind === 'all' || each.kind === kind))
        .map(({ place }) => place),
    })),
  );
};

const cellsOf = ({ kind, search, places }: Row): string[] => {
  const mean = (figureOf: (place: number) => number) =>
    (places.reduce((sum, place) => sum + figureOf(place), 0) / places.length).toFixed(2);
  return [
    `${places.length} ${kind}`,
    search,
    mean((place) => Number(place <= 1)),
    mean((place) => Number(place <= 5)),
    mean((place) => 1 / place),
  ];
};
