import type { InputIssue } from '../errors.ts';
import type { Generation } from '../runs/generation.ts';
import type { RunView } from '../runs/run-view.ts';
import { formatOfKey } from './parse-prompt-file.ts';
import type { PromptFile } from './prompt-file.ts';

/** One line of a results file, for one line of its input. */
export type ResultLine = {
  line: number;
  run_id: string | null;
  status: 'completed' | 'failed';
  run: Omit<RunView, 'diversity'> | null;
  error: { code: string; message: string; errors?: InputIssue[] } | null;
};

export type ResultObject = { suffix: string; body: string; contentType: string };

export const contentTypeOf = (suffix: string): string =>
  suffix === '.txt'
    ? 'text/plain; charset=utf-8'
    : suffix === '.jsonl'
      ? 'application/x-ndjson'
      : 'application/json';

/** The objects that stand for a finished file: results, summary, and for a `.txt` the text itself. */
export const resultObjects = (file: PromptFile, lines: ResultLine[]): ResultObject[] => {
  const rows = file.error
    ? [{ line: null, run_id: null, status: 'failed', run: null, error: file.error }]
    : lines;
  const objects = [
    { suffix: '.jsonl', body: rows.map((row) => `${JSON.stringify(row)}\n`).join('') },
    { suffix: '.summary.json', body: `${JSON.stringify(summaryOf(file, lines), null, 2)}\n` },
    ...(formatOfKey(file.key) === 'text' ? [{ suffix: '.txt', body: textOf(file, lines) }] : []),
  ];
  return objects.map((object) => ({ ...object, contentType: contentTypeOf(object.suffix) }));
};

const summaryOf = (file: PromptFile, lines: ResultLine[]) => {
  const runs = lines.flatMap(({ run }) => (run ? [run] : []));
  const generations = runs.flatMap((run) => run.generations);
  const completed = generations.filter(({ status }) => status === 'completed');
  const checked = completed.filter(({ checks }) => checks.length > 0);
  const total = (values: (number | null)[]) =>
    values.length === 0 || values.includes(null)
      ? null
      : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const mean = (values: (number | null | undefined)[]) => {
    const known = values.filter((value) => typeof value === 'number');
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    file_id: file.id,
    key: file.key,
    status: file.status,
    error: file.error,
    counts: {
      lines: lines.length,
      completed: lines.filter(({ status }) => status === 'completed').length,
      failed: lines.filter(({ status }) => status === 'failed').length,
      generations: generations.length,
    },
    usage: {
      prompt_tokens: total(completed.map(({ usage }) => usage.prompt_tokens)),
      completion_tokens: total(completed.map(({ usage }) => usage.completion_tokens)),
    },
    cost_usd: total(completed.map((generation) => generation.cost_usd)),
    ...(checked.length === 0
      ? {}
      : { checks: { n: checked.length, passed: checked.filter(passedAll).length } }),
    mean_ttft_ms: mean(completed.map(({ timing }) => timing?.ttft_ms)),
    mean_tpot_ms: mean(completed.map(({ timing }) => timing?.tpot_ms)),
    mean_e2e_ms: mean(completed.map(({ timing }) => timing?.e2e_ms)),
  };
};

const passedAll = ({ checks }: Generation): boolean => checks.every(({ passed }) => passed);

const textOf = (file: PromptFile, lines: ResultLine[]): string => {
  const [line] = lines;
  const error = file.error ?? line?.error;
  if (error) return `error: ${error.code}: ${error.message}\n`;
  const texts = (line?.run?.generations ?? []).map(({ text }) => text ?? '');
  return `${texts.join('\n\n')}\n`;
};
