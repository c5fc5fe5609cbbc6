import type { Comparison, ComparisonRequest } from '../../../../client/index.ts';
import type { ApiContext } from '../../../api-command.ts';
import { printSettingsCsv, showResult } from './show-result.ts';
import { type FailOptions, statusOf } from './status.ts';

export type EndOptions = FailOptions & {
  html?: string | undefined;
  json?: true | undefined;
  csv?: true | undefined;
};

/** Prints a comparison as the options ask for, writes its report, and returns the exit status. */
export const endComparison = async (
  comparison: Comparison,
  { request, ...options }: EndOptions & { request?: ComparisonRequest },
  context: ApiContext,
): Promise<number> => {
  const { client, screen, errors, json, signal } = context;
  if (options.json) json(await client.comparisons.get(comparison.id, {}, { signal }));
  else if (options.csv) printSettingsCsv(screen, comparison);
  else showResult(screen, comparison);
  if (options.html !== undefined) {
    const { writeReport } = await import('./write-report.ts');
    await writeReport(options.html, comparison, request, context);
  }
  return statusOf(comparison, options, errors);
};
