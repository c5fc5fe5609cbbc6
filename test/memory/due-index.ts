import { DUE_SHARDS, dueShardOf } from '../../lib/runs/due.ts';
import type { DueIndex, DueItem } from '../../lib/runs/ports.ts';

export type DueEntry = { pk: string; sk: string; dueAt: number | null };

/**
 * The due index over the entries of the stores. `freeze` makes it lag: it keeps returning the entries of that moment
 * until `thaw`.
 */
export const makeMemoryDueIndex = (
  sources: { dueEntries: () => DueEntry[] }[],
  { pageSize = 100 }: { pageSize?: number } = {},
): DueIndex & { freeze(): void; thaw(): void; entries: () => (DueEntry & { dueAt: number })[] } => {
  const live = () =>
    sources
      .flatMap(({ dueEntries }) => dueEntries())
      .flatMap(({ dueAt, ...keys }) => (dueAt === null ? [] : [{ ...keys, dueAt }]));
  let frozen: ReturnType<typeof live> | undefined;
  return {
    entries: live,
    freeze: () => {
      frozen = live();
    },
    thaw: () => {
      frozen = undefined;
    },
    shards: async () => DUE_SHARDS,
    due: async function* (shard, before) {
      let last: { dueAt: number; key: string } | undefined;
      for (;;) {
        // Each page reads the current entries, so that an item moved on meanwhile can come again.
        const page = (frozen ?? live())
          .filter(({ pk, dueAt }) => dueShardOf(pk) === shard && dueAt <= before)
          .map((entry) => ({ ...entry, key: `${entry.pk} ${entry.sk}` }))
          .sort((a, b) => a.dueAt - b.dueAt || (a.key < b.key ? -1 : 1))
          .filter(({ dueAt, key }) => !last || dueAt > last.dueAt || (dueAt === last.dueAt && key > last.key))
          .slice(0, pageSize);
        if (page.length === 0) return;
        last = page.at(-1);
        yield page.map(({ pk, sk, dueAt }) => ({ pk, sk, dueAt }));
      }
    },
  };
};

/** All pages of one read of the index. */
export const pagesOf = async (pages: ReturnType<DueIndex['due']>) => {
  const all: DueItem[][] = [];
  for await (const page of pages) all.push(page);
  return all;
};
