import type { Clock } from '../async/clock.ts';
import { NOTHING, type Spent } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import { type AttemptMeter, makeRunMeter } from '../budget/meter.ts';
import { InvalidInputError } from '../errors.ts';
import { microseconds, rounded } from '../json/value.ts';
import type { Log } from '../observe/log.ts';
import type { EmbeddingInput, EmbedInputsOptions, InputEmbedder } from '../vectors/ports.ts';
import { type ChargeDeps, costOf, isUnbilled } from './charge-embeddings.ts';
import { checked, isRefusal } from './embed-texts.ts';
import { measureEmbeddings } from './measured-embedder.ts';

/** A caller's request for embeddings, of which nothing is stored. Absent `dimensions` are the deployment's. */
type EmbeddingsRequest = {
  inputs: EmbeddingInput[];
  dimensions?: number | undefined;
  user?: string | undefined;
};

/** Vectors in the order of the inputs. `tokens` and `costUsd` are null when unknown; `e2eMs` includes retries. */
export type CreatedEmbeddings = {
  vectors: Float32Array[];
  tokens: number | null;
  costUsd: number | null;
  e2eMs: number;
};

export type CreateEmbeddings = (
  request: EmbeddingsRequest,
  caller: string,
  signal?: AbortSignal,
) => Promise<CreatedEmbeddings>;

export type CreateEmbeddingsDeps = Pick<ChargeDeps, 'embeddingPriceOf'> & {
  embedder: InputEmbedder;
  budget: Pick<Budget, 'reserveRequest' | 'extend' | 'settle'>;
  clock: Pick<Clock, 'monotonic'>;
  log: Log;
};

/**
 * Embeds what a caller sends, under its budget of the day: the bound of each request to the server is reserved before it
 * is sent, and the server's count replaces it. So the day's sum is never below what the server may bill; without an
 * answer (a timeout, a lost connection, an aborted signal) the bound stays counted.
 *
 * @throws {OverBudgetError} when the budget does not cover the bound.
 * @throws {InvalidInputError} `price_unknown` for a budget in USD and a model without a price; `invalid_request` when the
 *   server refuses the inputs, with its words.
 * @throws {UpstreamError} when the server fails, or answers with something that is not a vector for each input.
 */
export const makeCreateEmbeddings = ({
  embedder,
  budget,
  clock,
  log,
  ...prices
}: CreateEmbeddingsDeps): CreateEmbeddings => {
  const embed = async (
    { inputs, dimensions = embedder.dimensions, user }: EmbeddingsRequest,
    around: Around,
    signal: AbortSignal,
  ) => {
    try {
      return await embedder.embedInputs(inputs, { dimensions, user, around, signal });
    } catch (error) {
      throw isRefusal(error) ? refused(error, dimensions !== embedder.dimensions) : error;
    }
  };
  return async (request, caller, signal) => {
    const bound = costOf(tokensBound(request.inputs), prices);
    const reserved = await budget.reserveRequest(caller, bound, { pricedModel: embedder.model });
    const meter =
      reserved &&
      makeRunMeter(reserved, [bound], (more, reservation) => budget.extend(caller, reservation, more));
    const overBudget = new AbortController();
    const used = (tokens: number): Spent => ({ tokens, nanoUsd: costOf(tokens, prices).nanoUsd ?? 0 });
    const around: Around = meter
      ? counting(meter.attemptsAt(0), bound, { used, overBudget })
      : (send) => send();
    const signals = [overBudget.signal, ...(signal ? [signal] : [])];
    const startedAt = clock.monotonic();
    try {
      const { vectors, tokens } = await embed(request, around, AbortSignal.any(signals));
      const e2eMs = clock.monotonic() - startedAt;
      const fields = { inputs: request.inputs.length, tokens, duration_ms: Math.round(e2eMs) };
      log.info('embeddings.answered', fields, measureEmbeddings(embedder, { requestsMs: [e2eMs], tokens }));
      return {
        vectors: request.inputs.map((_, at) =>
          usable(vectors[at], request.dimensions ?? embedder.dimensions),
        ),
        tokens,
        costUsd: costUsdOf(tokens, prices),
        e2eMs: microseconds(e2eMs),
      };
    } finally {
      if (meter) await budget.settle(caller, meter.reservation(), meter.counted());
    }
  };
};

type Around = NonNullable<EmbedInputsOptions['around']>;

/** Counts each request to the server; one that the budget does not cover ends the retries. */
const counting =
  (
    attempts: AttemptMeter,
    bound: Parameters<AttemptMeter['begin']>[0],
    { used, overBudget }: { used: (tokens: number) => Spent; overBudget: AbortController },
  ): Around =>
  async (send) => {
    await attempts.begin(bound).catch((error) => {
      overBudget.abort();
      throw error;
    });
    try {
      const answer = await send();
      attempts.end((most) => (answer.tokens === null ? most : used(answer.tokens)));
      return answer;
    } catch (error) {
      attempts.end(isUnbilled(error) ? () => NOTHING : undefined);
      throw error;
    }
  };

/** Some models put a token before each input and one after it. */
const TOKENS_AROUND = 2;

/** The most tokens that a server can make of the inputs: one of each byte of a text. */
const tokensBound = (inputs: readonly EmbeddingInput[]): number =>
  inputs.reduce(
    (sum, input) =>
      sum + (typeof input === 'string' ? Buffer.byteLength(input) : input.length) + TOKENS_AROUND,
    0,
  );

const costUsdOf = (tokens: number | null, prices: Pick<ChargeDeps, 'embeddingPriceOf'>): number | null => {
  const price = tokens === null ? undefined : prices.embeddingPriceOf(tokens);
  return tokens === null || price === undefined ? null : rounded((tokens * price.input) / 1e6);
};

const usable = (vector: Float32Array | undefined, dimensions: number): Float32Array => {
  const { vector: usableVector, error } = checked(vector, { dimensions });
  if (error) throw error;
  return usableVector;
};

const refused = (error: Error, hasOwnDimensions: boolean): InvalidInputError => {
  const path = hasOwnDimensions && /\bdimensions?\b/i.test(error.message) ? 'dimensions' : 'input';
  return new InvalidInputError([{ path, message: `is refused: ${error.message}` }], {
    code: 'invalid_request',
    cause: error,
    ownWords: `the embeddings server refused ${path}`,
  });
};
