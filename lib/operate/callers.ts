import { inBatches } from '../async/in-batches.ts';
import { type BudgetView, readBudget } from '../budget/daily.ts';
import { InvalidInputError } from '../errors.ts';
import { type CallerList, isCallerName, type KeyCounts } from '../keys/api-key.ts';
import type { RunList } from '../runs/ports.ts';
import { readQueryParameters } from '../runs/query-parameters.ts';

export type KnownCallersDeps = {
  callers: Pick<CallerList, 'all'>;
  /** Those of the configuration: of its keys, or else the one without a key. */
  configuredCallers: readonly string[];
};

export type ListCallersDeps = KnownCallersDeps &
  Parameters<typeof readBudget>[1] & { list: Pick<RunList, 'newest'> };

/**
 * A caller as an operator sees it. `last_used_at`: when its newest run was accepted, null without any. `keys` counts stored
 * keys, and those of EVERYTOKEN_API_KEYS are not stored; null until the command has listed or changed one.
 */
export type CallerView = {
  caller: string;
  last_used_at: string | null;
  budget: BudgetView | null;
  keys: KeyCounts | null;
};

export type CallerQuery = { limit: number; after: string };

const AT_ONCE = 10;

/** @throws {InvalidInputError} listing every wrong or unknown parameter. */
export const parseCallerQuery = (parameters: Iterable<[string, string]>): CallerQuery => {
  const read = readQueryParameters(parameters);
  const limit = read.limit();
  const cursor = read.text('cursor', 200);
  read.finish();
  const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString();
  if (cursor !== undefined && !isCallerName(after)) {
    const message = 'is not a cursor of this list; leave it out to start at the first page';
    throw new InvalidInputError([{ path: 'cursor', message }]);
  }
  return { limit, after };
};

/**
 * All callers by name: those with usage, those with keys, and those of the configuration. One whose only runs are lines of
 * files that were put into the bucket without a key is known once its first hour is summed.
 */
export const knownCallers = async ({
  callers,
  configuredCallers,
}: KnownCallersDeps): Promise<Map<string, KeyCounts | null>> => {
  const known = (await callers.all()).map(({ caller, keys }) => [caller, keys] as const);
  const all = new Map<string, KeyCounts | null>([
    ...configuredCallers.map((caller) => [caller, null] as const),
    ...known,
  ]);
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** A page of all callers, by name. */
export const listCallers = async (
  { limit, after }: CallerQuery,
  deps: ListCallersDeps,
): Promise<{ data: CallerView[]; next_cursor: string | null }> => {
  const rest = [...(await knownCallers(deps))].filter(([name]) => name > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1)?.[0];
  return {
    data: await inBatches(page, AT_ONCE, async ([caller, keys]) => {
      const [usedAt, budget] = await Promise.all([lastUse(caller, deps), readBudget(caller, deps)]);
      return { caller, last_used_at: usedAt, budget, keys };
    }),
    next_cursor: last !== undefined && rest.length > limit ? Buffer.from(last).toString('base64url') : null,
  };
};

const lastUse = async (caller: string, { list }: Pick<ListCallersDeps, 'list'>): Promise<string | null> => {
  for await (const [newest] of list.newest({ caller, limit: 1 })) return newest?.createdAt ?? null;
  return null;
};
