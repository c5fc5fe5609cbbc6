import type { SourceHead } from '../formats/source-record.ts';
import { batchRow } from './batch-result.ts';
import { makeCsvShape } from './csv-result.ts';
import { textOf } from './result-text.ts';
import type { AssembledLine, ResultShape } from './results.ts';

/** The objects that a file's lines become: always `.jsonl`, for a table also a table, for a text also its text. */
export const shapesOf = (head: Pick<SourceHead, 'kind' | 'columns' | 'delimiter' | 'bom'>): ResultShape[] => {
  const json = head.kind === 'batch' ? batchRow : ({ result }: AssembledLine) => result;
  const lines: ResultShape = {
    suffix: '.jsonl',
    opening: '',
    render: (line) => `${JSON.stringify(json(line))}\n`,
  };
  if (head.kind === 'csv') return [lines, makeCsvShape(head)];
  if (head.kind === 'text')
    return [lines, { suffix: '.txt', opening: '', render: ({ result }) => textOf(result) }];
  return [lines];
};
