import { type Amount, NOTHING, nanoUsdOf, plus, type Spent } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import { ConfigurationError, isOfGateway, UpstreamError } from '../errors.ts';
import type { TokenPrice } from '../pricing/prices.ts';
import type { RunChange } from '../runs/ports.ts';
import type { Reservation, Run } from '../runs/run.ts';
import { HARMLESS_TEXT } from './embed-texts.ts';

export type ChargeDeps = {
  budget: Pick<Budget, 'reserveAmount' | 'reserveRequest' | 'settle'>;
  /** The price of the embedding model; undefined: unknown, so that only its tokens are counted. */
  embeddingPriceOf: (tokens: number) => TokenPrice | undefined;
};

/** The most that a service counts for embedding texts: their bytes in UTF-8, and those of the text that checks it. */
const bytesOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text), HARMLESS_TEXT.length);

/** Tokens with their price. */
export const costOf = (
  tokens: number,
  { embeddingPriceOf }: Pick<ChargeDeps, 'embeddingPriceOf'>,
): Amount => {
  const price = embeddingPriceOf(tokens);
  return { tokens, nanoUsd: price === undefined ? null : nanoUsdOf((tokens * price.input) / 1e6) };
};

/**
 * Reserves the embedding of a run's texts on its caller's daily budget, before they are sent; null for a caller without
 * one.
 * @throws {OverBudgetError} when what is left of the day does not cover it.
 */
export const reserveTexts = (
  caller: string,
  texts: readonly string[],
  deps: ChargeDeps,
): Promise<Reservation | null> => deps.budget.reserveAmount(caller, costOf(bytesOf(texts), deps));

/** `reserveTexts` for the text of a search. */
export const reserveQuery = (caller: string, query: string, deps: ChargeDeps): Promise<Reservation | null> =>
  deps.budget.reserveRequest(caller, costOf(bytesOf([query]), deps));

/**
 * The usage of texts: their share, by bytes, of the tokens that a service counted for all it was sent, rounded up.
 * `counted` is null when the service gives no count: then all that was reserved.
 */
export const shareOf = (
  texts: readonly string[],
  { counted, all }: { counted: number | null; all: number },
  reserved: Spent,
  deps: ChargeDeps,
): Spent => {
  if (counted === null) return reserved;
  const { tokens, nanoUsd } = costOf(Math.ceil((counted * bytesOf(texts)) / Math.max(1, all)), deps);
  return { tokens, nanoUsd: nanoUsd ?? 0 };
};

/** Whether nothing is billed for a failed request: the service refused it, and is not a gateway, which cannot know. */
export const isUnbilled = (error: unknown): boolean =>
  error instanceof ConfigurationError ||
  (error instanceof UpstreamError && error.status !== undefined && !isOfGateway(error.status));

/** The bytes of the texts of all that share requests, as `shareOf` counts them. */
export const allBytesOf = (groups: readonly (readonly string[])[]): number =>
  groups.reduce((sum, texts) => sum + bytesOf(texts), 0);

/** Adds what embedding a run used to what it is counted with. On another day it is counted there from now on. */
export const chargedWith = (
  { charged, chargedOn }: Run,
  { day }: Reservation,
  used: Spent,
): Pick<RunChange, 'charged' | 'chargedOn'> =>
  day === chargedOn ? { charged: plus(charged ?? NOTHING, used) } : { charged: used, chargedOn: day };
