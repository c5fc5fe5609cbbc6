import type { RunList } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { toDecimals } from '../vectors/decimals.ts';
import type { VectorIndex } from '../vectors/ports.ts';
import type { Chunk } from './chunks.ts';
import type { SearchMatch, SearchQuery } from './search-query.ts';

/** A chunk with its run, which the caller may see. */
export type Visible = Chunk & { run: Run };

export type ShowDeps = { index: Pick<VectorIndex, 'fetch'>; list: Pick<RunList, 'get'> };

/** The matches as they are answered. Reads the previews of their runs' prompts, and their vectors if they are wanted. */
export const showMatches = async (
  found: Visible[],
  { includesVectors = false }: SearchQuery,
  namespace: string,
  { index, list }: ShowDeps,
): Promise<SearchMatch[]> => {
  const runs = [...new Map(found.map(({ run }) => [run.id, run])).values()];
  const ids = found.map(({ id }) => id);
  const [entries, records] = await Promise.all([
    // A preview never changes, and whether the run may be shown was read from the run itself.
    Promise.all(runs.map((run) => list.get(run, { consistent: false }))),
    includesVectors ? index.fetch(namespace, ids) : [],
  ]);
  const previews = new Map(entries.map((entry, at) => [runs[at]?.id, entry?.promptPreview ?? null]));
  const values = new Map(records.map((record) => [record.id, toDecimals(record.values)]));
  return found.map(({ id, score, run, index, text, words, metadata }) => ({
    score,
    run_id: run.id,
    index,
    text,
    words,
    model: textOr(metadata.model, run.model),
    label: textOr(metadata.label, ''),
    created_at: run.createdAt,
    prompt_preview: previews.get(run.id) ?? null,
    metadata,
    ...(includesVectors && { vector: values.get(id) ?? null }),
  }));
};

const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);
