import type { CreatedEmbeddings } from '../../embed/create-embeddings.ts';
import { codeOf } from '../../errors.ts';
import { embeddingListOf } from '../../openai/embedding-list.ts';
import type { ParsedEmbeddingsRequest } from '../../openai/embeddings-request.ts';
import type { ContentStore } from '../../runs/ports.ts';
import type { FileLine } from '../../runs/run.ts';
import type { LineOutcome } from '../ports.ts';
import { filePrefix, type LineAnswer } from '../prompt-file.ts';
import type { EmbeddingModel } from './lines.ts';

/**
 * Facts of an answer beside its vectors. `dimensions` are those of the vectors, `tokens` and `cost_usd` are null
 * when unknown.
 */
type AnswerFigures = {
  model: string;
  dimensions: number;
  tokens: number | null;
  cost_usd: number | null;
  e2e_ms: number;
};

/** The error of a line, in the words of the server, which block items do not hold. */
type AnswerError = { error: { code: string; message: string } };

/** The first row of a stored answer. The second is the body that the line's result has, unless there is an error. */
type Head = AnswerFigures | AnswerError;

/** An answer of a line that is stored and that the line's block may point at. */
export type Saved = { answer: LineAnswer; figures: AnswerFigures };

export const answersPrefix = (fileId: string): string => `${filePrefix(fileId)}answers/`;

/** Each attempt at a line has an object of its own, so none is ever written again. */
const answerKey = ({ fileId, line }: Pick<FileLine, 'fileId' | 'line'>, token: string): string =>
  `${answersPrefix(fileId)}${line}.${token}.json`;

type ContentDeps = { content: ContentStore };

/** Saves the answer of one attempt at a line. */
export const saveAnswer = async (
  place: FileLine,
  token: string,
  created: CreatedEmbeddings,
  request: ParsedEmbeddingsRequest & { dimensions: number },
  { content }: ContentDeps,
): Promise<Saved> => {
  const { model, dimensions } = request;
  const { tokens, costUsd, e2eMs } = created;
  const figures = { model, dimensions, tokens, cost_usd: costUsd, e2e_ms: e2eMs };
  const text = `${JSON.stringify(figures)}\n${JSON.stringify(embeddingListOf(created, request))}`;
  await content.put(answerKey(place, token), text, 'application/json');
  return { answer: { token, bytes: Buffer.byteLength(text) }, figures };
};

/** Saves an error of a line, with the words of the server. */
export const saveError = async (
  place: FileLine,
  token: string,
  error: AnswerError['error'],
  { content }: ContentDeps,
): Promise<LineAnswer> => {
  const text = `${JSON.stringify({ error } satisfies Head)}\n`;
  await content.put(answerKey(place, token), text, 'application/json');
  return { token, bytes: Buffer.byteLength(text) };
};

/** Finds an answer that an earlier attempt at the line has saved, though the line may not point at it yet. */
export const findAnswer = async (
  place: FileLine,
  asked: EmbeddingModel,
  { content }: ContentDeps,
): Promise<Saved | undefined> => {
  const prefix = `${answersPrefix(place.fileId)}${place.line}.`;
  for (const key of (await content.list(prefix)).sort()) {
    const text = await content.get(key);
    const { figures } = parted(text);
    const token = key.slice(prefix.length, -'.json'.length);
    if (figures && isFor(asked, figures))
      return { answer: { token, bytes: Buffer.byteLength(text) }, figures };
  }
  return undefined;
};

/** Heads are some hundred bytes. */
const MAX_HEAD_BYTES = 1_024;

/**
 * Takes over the answer of a line of another file. The copy has the same token, so repeating it changes nothing.
 * @returns undefined when the answer is another model's, or was deleted
 */
export const copyAnswer = async (
  from: FileLine,
  { token, bytes }: LineAnswer,
  to: FileLine,
  asked: EmbeddingModel,
  { content }: ContentDeps,
): Promise<Saved | undefined> => {
  try {
    const key = answerKey(from, token);
    const { figures } = parted(await content.get(key, { start: 0, end: Math.min(bytes, MAX_HEAD_BYTES) }));
    if (!figures || !isFor(asked, figures)) return undefined;
    await content.copy(key, answerKey(to, token), 'application/json');
    return { answer: { token, bytes, isReused: true }, figures };
  } catch (error) {
    if (codeOf(error) === 'missing_object') return undefined;
    throw error;
  }
};

/** The model or its dimensions may have been changed between two attempts. */
const isFor = (asked: EmbeddingModel, { model, dimensions }: AnswerFigures): boolean =>
  asked.model === model && asked.dimensions === dimensions;

const NANO = 1e9;

/** The outcome of a line with this answer, with its counts. */
export const outcomeOf = ({ answer, figures }: Saved): LineOutcome => {
  const { tokens, cost_usd } = figures;
  const costNano = Math.round((cost_usd ?? 0) * NANO);
  const reused = answer.isReused && { reused: 1, reusedCostNano: costNano };
  return {
    counts: {
      completed: 1,
      promptTokens: tokens ?? 0,
      costNano,
      unpriced: cost_usd === null ? 1 : 0,
      ...reused,
    },
    answer,
  };
};

/** An answer as results show it. `body` is JSON text, which is passed on as it is. */
export type ReadAnswer = { token: string; body: string; figures: AnswerFigures };

/**
 * Reads the answer or the error that a line points at.
 * @returns undefined when it was deleted
 */
export const readAnswer = async (
  place: Pick<FileLine, 'fileId' | 'line'>,
  { token }: LineAnswer,
  { content }: ContentDeps,
): Promise<ReadAnswer | AnswerError | undefined> => {
  try {
    const { head, figures, body } = parted(await content.get(answerKey(place, token)));
    return figures ? { token, body, figures } : (head as AnswerError);
  } catch (error) {
    if (codeOf(error) === 'missing_object') return undefined;
    throw error;
  }
};

const parted = (text: string): { head: Head; figures: AnswerFigures | undefined; body: string } => {
  const end = text.indexOf('\n');
  const head: Head = JSON.parse(text.slice(0, end));
  return { head, figures: 'error' in head ? undefined : head, body: text.slice(end + 1) };
};
