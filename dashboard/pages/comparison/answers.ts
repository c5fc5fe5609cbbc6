import type { Comparison, ExportRow } from '../../../client/index.ts';
import { comparisonData } from '../../../report/comparison-data.ts';
import { everytoken } from '../../api.ts';

/** The rows of a comparison's runs: all, or those of one prompt; with texts only where they are shown. */
export const readRows = async (
  { id }: Pick<Comparison, 'id'>,
  { texts, prompt }: { texts: boolean; prompt?: number },
  signal: AbortSignal,
): Promise<ExportRow[]> => {
  const rows: ExportRow[] = [];
  const query = {
    'metadata.comparison': id,
    ...(prompt === undefined ? {} : { 'metadata.prompt': String(prompt) }),
    texts,
  };
  for await (const row of everytoken().runs.export(query, { signal })) rows.push(row);
  return rows;
};

/** The same with their blocks and prompts, in order. */
export const readAnswers = async (
  comparison: Comparison,
  what: { texts: boolean; prompt?: number },
  signal: AbortSignal,
) => comparisonData({ comparison, rows: await readRows(comparison, what, signal) }).answers;
