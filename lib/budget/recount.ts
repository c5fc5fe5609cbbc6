import type { ListedRun, RunStore } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { NOTHING, nanoUsdOf, type Spent } from './amount.ts';

/** What a run counts on a budget, by what stands in it: what its outputs used, and what it has set aside. */
export const chargeOf = ({
  generations,
  reserved = null,
}: Pick<ListedRun, 'generations'> & Partial<Pick<Run, 'reserved'>>): Spent =>
  generations.reduce<Spent>(
    (sum, { promptTokens, completionTokens, costUsd }) => ({
      tokens: sum.tokens + (promptTokens ?? 0) + (completionTokens ?? 0),
      nanoUsd: sum.nanoUsd + nanoUsdOf(costUsd ?? 0),
    }),
    reserved ?? NOTHING,
  );

export const plus = (a: Spent, b: Spent): Spent => ({
  tokens: a.tokens + b.tokens,
  nanoUsd: a.nanoUsd + b.nanoUsd,
});

/** What the runs that a caller had accepted on a UTC day used, by the list of its runs, which may lag for a moment. */
export const spentOn = async (
  caller: string,
  day: string,
  { runs }: { runs: Pick<RunStore, 'list'> },
): Promise<Spent> => {
  let sum = NOTHING;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<RunStore['list']>> = await runs.list({
      caller,
      limit: 500,
      since: `${day}T00:00:00.000Z`,
      until: `${day}T~`,
      ...(cursor === null ? {} : { cursor }),
    });
    sum = page.runs.map((run) => chargeOf(run)).reduce(plus, sum);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return sum;
};
