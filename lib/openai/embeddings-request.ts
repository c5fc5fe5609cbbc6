import * as z from 'zod';
import { InvalidInputError, issuesOf } from '../errors.ts';
import { isObject } from '../json/value.ts';
import { optional, text } from '../runs/request-schema.ts';
import type { EmbeddingInput } from '../vectors/ports.ts';

/** OpenAI's limits of a request. Tokens of texts are counted by the server alone. */
export const MAX_INPUTS = 2_048;
const MAX_TOKENS = 300_000;
const MAX_DIMENSIONS = 65_536;

const FORMATS = ['float', 'base64'] as const;
export type EmbeddingFormat = (typeof FORMATS)[number];

const FORMS = 'must be a text, a list of texts, a list of token ids, or a list of such lists';

const isToken = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

/** Why a value is no input of its own; undefined for one that is. */
const problemOfInput = (input: unknown): string | undefined => {
  if (typeof input === 'string') {
    if (input === '') return 'must not be empty';
    return input.isWellFormed() ? undefined : 'must be valid Unicode: it contains a lone surrogate';
  }
  if (!Array.isArray(input)) return 'must be a text or a list of token ids';
  if (input.length === 0) return 'must not be empty';
  return input.every(isToken) ? undefined : 'must be a list of token ids: whole numbers from 0 on';
};

/** The inputs of each form that OpenAI's API takes. A list of numbers is one input. */
const inputs = z.unknown().transform((input, context): EmbeddingInput[] => {
  const refuse = (message: string, path: number[] = []) => {
    context.addIssue({ code: 'custom', message, path });
    return z.NEVER;
  };
  if (input === undefined || input === null) return refuse(`is missing; it ${FORMS}`);
  const list: unknown[] = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  if (typeof input !== 'string' && !Array.isArray(input)) return refuse(FORMS);
  if (list.length === 0) return refuse('must not be empty');
  if (list.length > MAX_INPUTS) return refuse(`must have at most ${MAX_INPUTS} items`);
  const kinds = new Set(list.map((each) => typeof each));
  if (kinds.size > 1) refuse('must be texts or token lists, not both');
  for (const [at, each] of list.entries()) {
    const problem = problemOfInput(each);
    if (problem !== undefined) refuse(problem, list.length === 1 && list[0] === input ? [] : [at]);
  }
  if (context.issues.length > 0) return z.NEVER;
  const known = list as EmbeddingInput[];
  const tokens = known.reduce((sum, each) => sum + (typeof each === 'string' ? 0 : each.length), 0);
  if (tokens > MAX_TOKENS) refuse(`has ${tokens} tokens; a request may have ${MAX_TOKENS}`);
  return known;
});

/** The body of POST /v1/embeddings, by OpenAI's names. */
export const embeddingsRequestSchema = z.strictObject({
  input: inputs,
  model: text().min(1),
  encoding_format: optional(z.enum(FORMATS)),
  dimensions: optional(z.int().min(1).max(MAX_DIMENSIONS)),
  user: optional(text().max(512)),
});

/** The names of the deployment's model: the local encoder also answers to OpenAI's, for programs written for those. */
const namesOf = (model: string): string[] =>
  model === 'everytoken-use'
    ? [model, 'text-embedding-3-small', 'text-embedding-3-large', 'text-embedding-ada-002']
    : [model];

/** A request whose `model` is the deployment's. Absent `dimensions` are the deployment's, too. */
export type ParsedEmbeddingsRequest = {
  inputs: EmbeddingInput[];
  model: string;
  format: EmbeddingFormat;
  dimensions?: number | undefined;
  user?: string | undefined;
};

/**
 * Parses the JSON body of POST /v1/embeddings for a deployment that embeds with `model`, by default into vectors of
 * `dimensions`. `remedy` says what to do with inputs that are too many for one answer.
 *
 * @throws {InvalidInputError} listing every wrong field; `model_not_found` for another model; for inputs whose vectors
 *   do not fit into one answer.
 */
export const parseEmbeddingsRequest = (
  body: unknown,
  embedder: { model: string; dimensions: number },
  remedy = 'send them in several requests',
): ParsedEmbeddingsRequest => {
  if (!isObject(body)) throw new InvalidInputError([{ path: '', message: 'the body must be a JSON object' }]);
  const parsed = embeddingsRequestSchema.safeParse(body);
  if (!parsed.success) throw new InvalidInputError(issuesOf(parsed.error));
  const { input, model, encoding_format: format = 'float', dimensions, user } = parsed.data;
  requireModel(model, namesOf(embedder.model));
  requireFit(input.length, { dimensions: dimensions ?? embedder.dimensions, format }, remedy);
  return { inputs: input, format, model: embedder.model, dimensions, user };
};

const requireModel = (model: string, known: string[]): void => {
  if (known.includes(model)) return;
  throw new InvalidInputError(
    [{ path: 'model', message: `is not one that embeds here; this deployment has: ${known.join(', ')}` }],
    { code: 'model_not_found' },
  );
};

/** A function's buffered answer holds 6 MB; the gateway's event around it takes some of them. */
const MAX_ANSWER_BYTES = 5_800_000;
/** The object around a vector, with its quotes escaped, since the gateway gets the answer as a text. */
const AROUND_VECTOR = 100;
/** Of a value: in base64 four of its bytes as 16/3; as a number nine digits, sign, leading zeros and comma. */
const VALUE_BYTES: Record<EmbeddingFormat, number> = { base64: 16 / 3, float: 18 };

type Size = { dimensions: number; format: EmbeddingFormat };

const vectorBytes = ({ dimensions, format }: Size): number =>
  AROUND_VECTOR + dimensions * VALUE_BYTES[format];

/** The most bytes of an answer with so many vectors. */
export const answerBytes = (inputs: number, size: Size): number => Math.ceil(inputs * vectorBytes(size));

const mostInputs = (size: Size): number =>
  Math.min(MAX_INPUTS, Math.floor(MAX_ANSWER_BYTES / vectorBytes(size)));

/** Refuses inputs whose vectors may not fit into one answer, before anything is paid. */
const requireFit = (inputs: number, size: Size, remedy: string): void => {
  const most = mostInputs(size);
  if (inputs <= most) return;
  const { dimensions, format } = size;
  const inBase64 =
    format === 'float' ? `, ${mostInputs({ ...size, format: 'base64' })} of them in base64` : '';
  throw new InvalidInputError([
    {
      path: 'input',
      message: `has ${inputs} items, and one answer holds ${most} vectors of ${dimensions} dimensions as ${format}${inBase64}; ${remedy}, or ask for fewer dimensions`,
    },
  ]);
};
