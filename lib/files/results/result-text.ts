import type { ResultLine } from './results.ts';

/** A text file's result as text: its outputs, or its error in their place. */
export const textOf = ({ run, error, status }: Pick<ResultLine, 'run' | 'error' | 'status'>): string => {
  if (error) return `error: ${error.code}: ${error.message}\n`;
  if (status === 'valid') return 'valid; this was a dry run, nothing was generated\n';
  return `${outputsOf(run)}\n`;
};

/** All outputs of a line, with an empty line between. */
export const outputsOf = (run: ResultLine['run']): string =>
  (run?.generations ?? []).map(({ text }) => text ?? '').join('\n\n');
