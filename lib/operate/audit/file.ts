import { NotFoundError } from '../../errors.ts';
import { textLinesOf } from '../../files/formats/source-text.ts';
import { type Block, hasFileEnded, isFileDeleted, type PromptFile } from '../../files/prompt-file.ts';
import { sourceChunks } from '../../files/read/open-records.ts';
import { resultKey } from '../../files/results/objects.ts';
import type { AuditDeps, Finding } from './ports.ts';
import { objectOf } from './run.ts';

/** Findings about a file, its blocks and its results. A suspect file is read again and checked once more. */
export const auditFile = async (
  scanned: PromptFile,
  scannedBlocks: Block[],
  deps: AuditDeps,
): Promise<Finding[]> => {
  if ((await findingsOf(scanned, scannedBlocks, deps)).length === 0) return [];
  const file = await deps.files.get(scanned.id);
  if (!file) return [];
  const numbers = Array.from({ length: file.blocks }, (_, number) => number);
  const blocks = await Promise.all(numbers.map((number) => deps.files.getBlock(file.id, number)));
  return findingsOf(
    file,
    blocks.filter((block) => block !== undefined),
    deps,
  );
};

const findingsOf = async (file: PromptFile, blocks: Block[], deps: AuditDeps): Promise<Finding[]> => [
  ...withoutDueTime(file, deps),
  // While a file is being read, its blocks are still being created.
  ...(hasBlocks(file) ? blockFindings(file, blocks, deps) : []),
  ...(hasFileEnded(file) && file.status !== 'cancelled' && !isFileDeleted(file)
    ? await resultFindings(file, deps)
    : []),
];

const hasBlocks = ({ status }: PromptFile): boolean =>
  status === 'generating' || status === 'completed' || status === 'completed_with_errors';

const withoutDueTime = (file: PromptFile, { files, clock }: AuditDeps): Finding[] => {
  const hasWorkLeft = !hasFileEnded(file) || file.pending;
  if (!hasWorkLeft || file.dueAt !== null) return [];
  const repair = async () => {
    const condition = { status: [file.status], dueAt: null };
    return (await files.change(file.id, { dueAt: clock.now(), dueTries: 0 }, condition)) !== undefined;
  };
  return [
    { kind: 'no_due_time', id: file.id, count: 1, detail: `is ${file.status} without a due time`, repair },
  ];
};

const blockFindings = (file: PromptFile, blocks: Block[], deps: AuditDeps): Finding[] => {
  const findings = blocks.flatMap((block) => oneBlock(file, block, deps));
  const absent = file.blocks - blocks.length;
  return absent <= 0
    ? findings
    : [
        ...findings,
        { kind: 'inconsistent_block', id: file.id, count: absent, detail: `${absent} blocks are missing` },
      ];
};

const oneBlock = (file: PromptFile, block: Block, { files, clock }: AuditDeps): Finding[] => {
  const { number, firstLine, lastLine, lines, done } = block;
  const wrong = (detail: string): Finding[] => [
    { kind: 'inconsistent_block', id: file.id, count: 1, detail: `block ${number} ${detail}` },
  ];
  if (done.some((line) => line < firstLine || line > lastLine)) return wrong('has a line of another block');
  const isFull = done.length === lines;
  const isNoted = file.fullBlocks.includes(number);
  if (isNoted && !isFull) return wrong('is listed as full but is not');
  // An unsent block waits for capacity, or is never sent because the file was stopped or is a dry run.
  if (isNoted || number >= file.sentBlocks) return [];
  if (file.status !== 'generating') return wrong('was unfinished when its file ended');
  if (block.dueAt !== null) return [];
  const repair = async () => {
    const due = { dueAt: clock.now(), dueTries: 0 };
    return (await files.changeBlock(file.id, number, due, { dueAt: null })) !== undefined;
  };
  return [{ kind: 'no_due_time', id: file.id, count: 1, detail: `block ${number} has no due time`, repair }];
};

const resultFindings = async (file: PromptFile, deps: AuditDeps): Promise<Finding[]> => {
  const findings: Finding[] = [];
  const add = (kind: Finding['kind'], count: number, detail: string) => {
    if (count > 0) findings.push({ kind, id: file.id, count, detail });
  };
  if ((await objectOf(resultKey(file, '.summary.json'), deps.content)) === undefined)
    add('missing_result', 1, 'its summary');
  const results = await readRows(resultKey(file, '.jsonl'), deps);
  if (results === undefined) {
    add('missing_result', Math.max(1, file.lines), 'its results');
    return findings;
  }
  const { rows, distinct } = results;
  const expected = file.status === 'failed' ? 1 : file.lines;
  add('missing_result', expected - distinct.size, `${expected - distinct.size} of ${expected} lines`);
  add('duplicated_result', rows - distinct.size, `${rows - distinct.size} lines more than once`);
  return findings;
};

const READ_BYTES = 8 * 1024 * 1024;

/** Reads the lines that results answer, row by row: results may have gigabytes. Undefined when they are missing. */
const readRows = async (
  key: string,
  { findSource, readSource }: AuditDeps,
): Promise<{ rows: number; distinct: Set<unknown> } | undefined> => {
  const source = await findSource(key);
  if (!source) return undefined;
  const distinct = new Set<unknown>();
  let rows = 0;
  try {
    const bytes = sourceChunks({ key, ...source }, readSource, { start: 0, readBytes: READ_BYTES });
    for await (const row of textLinesOf(bytes)) {
      rows += 1;
      distinct.add(lineOf(row));
    }
  } catch (error) {
    // Deleted while it was read.
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
  return { rows, distinct };
};

/** The number of the input line that a row answers, or the row itself when it has no line number. */
const lineOf = (row: string): unknown => {
  try {
    const { line, everytoken } = JSON.parse(row) as { line?: unknown; everytoken?: { line?: unknown } };
    return line ?? everytoken?.line ?? row;
  } catch {
    return row;
  }
};
