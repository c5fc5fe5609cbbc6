import { type Amount, NOTHING, nanoUsdOf, sumOf } from '../../budget/amount.ts';
import type { Budget } from '../../budget/budget.ts';
import type { SpendStore } from '../../budget/ports.ts';
import { InvalidInputError } from '../../errors.ts';
import { errorFields, type Log } from '../../observe/log.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { requestOf } from '../../runs/read-run.ts';
import type { RunRequest } from '../../runs/request.ts';
import type { GenerationFigures, Run } from '../../runs/run.ts';
import type { PromptFile } from '../prompt-file.ts';

export type MaxCostDeps = {
  budget: Pick<Budget, 'boundsOf'>;
  spend: Pick<SpendStore, 'reserve' | 'adjust'>;
  content: ContentStore;
  log: Log;
};

/**
 * Reserves the upper bound of a line's cost on its file's account.
 * @returns false when the reservation would exceed the file's `max_cost_usd`
 * @throws {InvalidInputError} `price_unknown` when the model has no known price.
 */
export const reserveForLine = async (
  { id, maxCostUsd }: Pick<PromptFile, 'id' | 'maxCostUsd'>,
  request: RunRequest,
  { budget, spend }: MaxCostDeps,
): Promise<boolean> => {
  if (maxCostUsd === null) return true;
  const { tokens, nanoUsd } = sumOf(budget.boundsOf(request));
  if (nanoUsd === null) {
    const message =
      "has no known price, so this file's max_cost_usd cannot be kept; use a priced model, or leave max_cost_usd out";
    throw new InvalidInputError([{ path: 'model', message }], { code: 'price_unknown' });
  }
  const limits = { tokens: null, nanoUsd: Math.round(maxCostUsd * 1e9) };
  return spend.reserve({ fileId: id }, { tokens, nanoUsd }, limits);
};

/** Releases the reservation of a line that does not begin yet. */
export const releaseLine = (
  file: Pick<PromptFile, 'id' | 'maxCostUsd'>,
  request: RunRequest,
  deps: MaxCostDeps,
): Promise<void> => adjust(file, async () => ({ reserved: deps.budget.boundsOf(request), used: [] }), deps);

/**
 * Replaces a line's reservation by the actual cost of its run. This is never retried: a failure leaves the account
 * over-counted, so the file may stop early. A failed generation costs nothing.
 */
export const settleLine = (
  file: Pick<PromptFile, 'id' | 'maxCostUsd'>,
  run: Run,
  deps: MaxCostDeps,
): Promise<void> =>
  adjust(
    file,
    async () => {
      const reserved = deps.budget.boundsOf(await requestOf(run, deps));
      return { reserved, used: run.generations.map((figures, index) => usedBy(figures, reserved[index])) };
    },
    deps,
  );

const usedBy = (
  { status, costUsd, promptTokens, completionTokens }: GenerationFigures,
  bound: Amount | undefined,
): Amount =>
  status === 'failed'
    ? NOTHING
    : {
        tokens: (promptTokens ?? 0) + (completionTokens ?? 0),
        nanoUsd: costUsd === null ? (bound?.nanoUsd ?? null) : nanoUsdOf(costUsd),
      };

const adjust = async (
  { id, maxCostUsd }: Pick<PromptFile, 'id' | 'maxCostUsd'>,
  amounts: () => Promise<{ reserved: Amount[]; used: Amount[] }>,
  { spend, log }: MaxCostDeps,
): Promise<void> => {
  if (maxCostUsd === null) return;
  try {
    const { reserved, used } = await amounts();
    const [before, after] = [sumOf(reserved), sumOf(used)];
    await spend.adjust(
      { fileId: id },
      { tokens: after.tokens - before.tokens, nanoUsd: (after.nanoUsd ?? 0) - (before.nanoUsd ?? 0) },
    );
  } catch (error) {
    log.warn('file.over_counted', { file_id: id, ...errorFields(error) });
  }
};
