import { jsonBytes } from '../json/value.ts';
import type { Generation, OutputObject, Trace, TraceChunk } from './generation.ts';
import { restoreSampling, type StoredSampling, storeSampling } from './stored-sampling.ts';
import {
  readTokenLogprobs,
  restoreTokenLogprob,
  type StoredLogprob,
  storeTokenLogprob,
  type TokenLogprob,
} from './token-logprobs.ts';
import { calledWith } from './tool-call.ts';

// Readable versions: 1 stores the trace as the API serves it, 2 stores it in columns, 3 also leaves out of a long
// sampling report what the run's request says.
type StoredV1 = { schema_version: 1; run_id: string; generation: Generation; trace: Trace };
type StoredV2 = { schema_version: 2; run_id: string; generation: Generation; trace: StoredTrace };
type StoredV3 = Omit<StoredV2, 'schema_version' | 'generation'> & {
  schema_version: 3;
  generation: Omit<Generation, 'sampling'>;
  sampling: StoredSampling;
};

/** Reports up to this many bytes of JSON stand in the output as they are. */
const SHORT_SAMPLING_BYTES = 1024;

/** The fields that a generation's setting requests, by its index (`reportedRequest`). */
type RequestedOf = (index: number) => Record<string, unknown>;

const PLAIN = 'content';
type Kind = NonNullable<TraceChunk['kind']> | typeof PLAIN;

/**
 * A trace in columns, one entry per chunk.
 * - `gaps_us`: whole microseconds since the previous chunk (since t0 for the first), packed.
 * - `lengths`: length of the chunk's text in UTF-16 code units, packed.
 * - `tokens`: the chunk's token count, or a single value when all chunks have the same.
 * - `kinds`: run-length encoded kinds.
 * - `texts`: the texts of each kind, joined; those that equal the generation's text or its calls' are left out.
 * - `calls`: run-length encoded places of the chunks of calls of tools; absent without any.
 * - `token_logprobs`: the entries of its tokens, null for a chunk without any; absent when no chunk has one.
 */
type StoredTrace = {
  marks: Trace['marks'];
  gaps_us: string;
  lengths: string;
  tokens: number | null | (number | null)[];
  kinds: [kind: Kind, chunks: number][];
  texts: Partial<Record<Kind, string>>;
  calls?: [call: number, chunks: number][];
  /** As the server sent them; in outputs of before 2026-11-30. */
  logprobs?: unknown[];
  token_logprobs?: (StoredLogprob[] | null)[];
};

/**
 * Encodes an output for `outputs/{run_id}/{index}.{lease_token}.json`. Trace times are rounded to 1 µs; everything
 * else is decoded exactly as it was. `t_ms` must not decrease from chunk to chunk. `asked` are the fields that the
 * generation's setting requests: its outputs do not each repeat long ones.
 */
export const encodeOutput = (
  { run_id, generation, trace }: OutputObject,
  asked: Record<string, unknown>,
): string => {
  const columns = columnsOf(trace, ownTexts(generation));
  const { sampling, ...rest } = generation;
  const short = jsonBytes(sampling) > SHORT_SAMPLING_BYTES ? storeSampling(sampling, asked) : undefined;
  const stored: StoredV2 | StoredV3 = short
    ? { schema_version: 3, run_id, generation: rest, sampling: short, trace: columns }
    : { schema_version: 2, run_id, generation, trace: columns };
  return JSON.stringify(stored);
};

/**
 * The generation of an output object of version 1 to 3.
 *
 * @throws {TypeError} for any other version, as do the next two.
 */
export const decodeGeneration = (json: string, requestedOf: RequestedOf): Generation => {
  const stored = parse(json);
  if (stored.schema_version !== 3) return withNewerFields(stored.generation);
  const { generation, sampling } = stored;
  return withNewerFields({
    ...generation,
    sampling: restoreSampling(sampling, requestedOf(generation.index)),
  });
};

/**
 * Adds what older outputs do not have: those of before 2026-11-29 no bounds of uncertainty, those of before 2026-11-30 no
 * place of the longest gap.
 */
const withNewerFields = (generation: Generation): Generation => {
  if (!generation.timing) return generation;
  const longest = { longest_gap_ms: generation.timing.chunk_gaps_ms.max };
  return { ...generation, timing: { ...UNKNOWN_TIMING, ...longest, ...generation.timing } };
};

const UNKNOWN_TIMING = { uncertainty_ms: null, uncertain: [], longest_gap_chunk: null };

/** The trace of an output. */
export const decodeTrace = (json: string): Trace => {
  const stored = parse(json);
  return stored.schema_version === 1
    ? earliestTrace(stored.trace)
    : traceOf(stored.trace, ownTexts(stored.generation));
};

/** The texts of a trace that the generation has too, by their kinds. */
const ownTexts = ({ text, tool_calls = [] }: Pick<Generation, 'text' | 'tool_calls'>) =>
  new Map<Kind, string>([
    [PLAIN, text ?? ''],
    ['tool', tool_calls.map((call) => calledWith(call).text).join('')],
  ]);

const earliestTrace = ({ marks, chunks }: Trace): Trace => ({
  marks,
  chunks: chunks.map(({ logprobs, ...chunk }) => ({
    ...chunk,
    ...(Array.isArray(logprobs) && { logprobs: readTokenLogprobs(logprobs) }),
  })),
});

/** The text of an output, null for a failed one. */
export const decodeText = (json: string): string | null => parse(json).generation.text;

type Stored = StoredV1 | StoredV2 | StoredV3;

const parse = (json: string): Stored => {
  const stored: Stored = JSON.parse(json);
  const version: number = stored.schema_version;
  if (version === 1 || version === 2 || version === 3) return stored;
  throw new TypeError(
    `an output object of schema version ${version} cannot be read; supported are 1, 2 and 3`,
  );
};

const columnsOf = ({ marks, chunks }: Trace, own: ReadonlyMap<Kind, string>): StoredTrace => {
  const kinds: StoredTrace['kinds'] = [];
  const calls: [call: number, chunks: number][] = [];
  const texts: Partial<Record<Kind, string>> = {};
  for (const { kind = PLAIN, call, text } of chunks) {
    texts[kind] = (texts[kind] ?? '') + text;
    lengthen(kinds, kind);
    if (call !== undefined) lengthen(calls, call);
  }
  for (const [kind, text] of own) if (texts[kind] === text) delete texts[kind];
  let beforeUs = 0;
  const columns: StoredTrace = {
    marks: rounded(marks),
    gaps_us: packIntegers(
      chunks.map(({ t_ms }) => {
        const us = Math.max(beforeUs, microseconds(t_ms));
        const gap = us - beforeUs;
        beforeUs = us;
        return gap;
      }),
    ),
    lengths: packIntegers(chunks.map(({ text }) => text.length)),
    tokens: oneOrAll(chunks.map(({ tokens }) => tokens)),
    kinds,
    texts,
    ...(calls.length > 0 && { calls }),
  };
  if (chunks.some(({ logprobs }) => logprobs !== undefined)) {
    columns.token_logprobs = chunks.map(({ logprobs }) => logprobs?.map(storeTokenLogprob) ?? null);
  }
  return columns;
};

/** Counts a value in a run-length encoded list. */
const lengthen = <T>(runs: [T, number][], value: T): void => {
  const last = runs.at(-1);
  if (last?.[0] === value) last[1]++;
  else runs.push([value, 1]);
};

const traceOf = (columns: StoredTrace, own: ReadonlyMap<Kind, string>): Trace => {
  const texts: Record<string, string> = { ...Object.fromEntries(own), ...columns.texts };
  const read: Record<string, number> = {};
  const kindOf = eachOf(columns.kinds);
  const callOf = eachOf(columns.calls ?? []);
  const lengths = unpackIntegers(columns.lengths);
  let us = 0;
  const chunks = unpackIntegers(columns.gaps_us).map((gap, at): TraceChunk => {
    us += gap;
    const kind = kindOf.next().value ?? PLAIN;
    const from = read[kind] ?? 0;
    const to = from + (lengths[at] ?? 0);
    read[kind] = to;
    const tokens = Array.isArray(columns.tokens) ? (columns.tokens[at] ?? null) : columns.tokens;
    const chunk: TraceChunk = { t_ms: us / 1000, text: texts[kind]?.slice(from, to) ?? '', tokens };
    if (kind !== PLAIN) chunk.kind = kind;
    const call = kind === 'tool' ? callOf.next().value : undefined;
    if (call !== undefined) chunk.call = call;
    const logprobs = logprobsAt(columns, at);
    if (logprobs !== undefined) chunk.logprobs = logprobs;
    return chunk;
  });
  return { marks: columns.marks, chunks };
};

const logprobsAt = (
  { logprobs, token_logprobs: stored }: StoredTrace,
  at: number,
): TokenLogprob[] | undefined => {
  const sent = logprobs?.[at];
  return Array.isArray(sent) ? readTokenLogprobs(sent) : stored?.[at]?.map(restoreTokenLogprob);
};

function* eachOf<T>(runs: readonly [T, number][]): Generator<T, undefined> {
  for (const [value, chunks] of runs) for (let chunk = 0; chunk < chunks; chunk++) yield value;
  return undefined;
}

const oneOrAll = (tokens: (number | null)[]): StoredTrace['tokens'] => {
  const first = tokens[0] ?? null;
  return tokens.every((count) => count === first) ? first : tokens;
};

const microseconds = (ms: number): number => Math.round(ms * 1000);

const rounded = (marks: Trace['marks']): Trace['marks'] => {
  const round = (ms: number | null) => (ms === null ? null : microseconds(ms) / 1000);
  return {
    ...marks,
    t0_monotonic_ms: microseconds(marks.t0_monotonic_ms) / 1000,
    tH: round(marks.tH),
    tR: round(marks.tR),
    t1: round(marks.t1),
    tO: round(marks.tO),
    tL: round(marks.tL),
    tE: round(marks.tE),
  };
};

/** Of a number of 53 bits, 7 in each byte. */
const MAX_PACKED_BYTES = 8;

/**
 * Packs integers from 0 to 2^53 - 1 into a string: unsigned LEB128 (https://en.wikipedia.org/wiki/LEB128), then base64.
 * A number below 128 takes 1.3 characters, 16,384 takes 4.
 */
export const packIntegers = (numbers: readonly number[]): string => {
  const bytes = Buffer.allocUnsafe(numbers.length * MAX_PACKED_BYTES);
  let length = 0;
  for (const number of numbers) {
    let rest = number;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[length++] = 0x80 + (rest % 0x80);
    bytes[length++] = rest;
  }
  return bytes.toString('base64', 0, length);
};

/** Reverses `packIntegers`. */
export const unpackIntegers = (packed: string): number[] => {
  const numbers: number[] = [];
  let number = 0;
  let unit = 1;
  for (const byte of Buffer.from(packed, 'base64')) {
    number += (byte % 0x80) * unit;
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
      unit = 1;
    } else unit *= 0x80;
  }
  return numbers;
};
