import { isComparison, readPlannedLines } from '../comparisons/plan.ts';
import { EverytokenError, InvalidInputError, isRetryable } from '../errors.ts';
import type { Clock, ContentStore, JobQueue, Log } from '../runs/ports.ts';
import { derivedRunId } from '../runs/run-id.ts';
import { type AssembleDeps, publishNewest, recordFailure } from './assemble-file.ts';
import { type FileFormat, formatOfKey, MAX_FILE_BYTES, parsePromptFile } from './parse-prompt-file.ts';
import {
  type Block,
  callerOfKey,
  type FileLineEntry,
  type FileStore,
  LINES_PER_BLOCK,
  linesKey,
  type PromptFile,
} from './prompt-file.ts';
import { sendLines } from './send-lines.ts';

/** An object under `prompts/` that was created. */
export type CreatedObject = { bucket: string; key: string; etag: string; size: number; sequencer: string };

/**
 * The source's bytes, of exactly that ETag. Throws `NotFoundError` (`source_gone`, final) when the object is gone or
 * was overwritten, and `UpstreamError` (`unreadable`, final) when it may not be read.
 */
export type ReadSource = (key: string, etag: string) => Promise<Uint8Array>;

export type IntakeDeps = AssembleDeps & {
  files: FileStore;
  content: ContentStore;
  jobs: JobQueue;
  readSource: ReadSource;
  clock: Clock;
  log: Log;
  bucket: string;
};

const READING_DUE_MS = 10 * 60_000;
/** What comes after a file's first group (a comparison's warm-ups) waits for it that long. */
const GROUP_DELAY_SECONDS = 3;

/**
 * Takes a prompt file in: FILE, its lines, its BLOCKs, then its jobs; each step can be repeated. A file that cannot
 * be read as prompts gets its result at once. What is no prompt file is counted and left alone.
 */
export const intakeObject = async (object: CreatedObject, deps: IntakeDeps): Promise<void> => {
  const format = formatOfKey(object.key);
  if (!object.key.startsWith('prompts/') || format === undefined) {
    deps.log.info('file.ignored', { reason: 'not_a_prompt_file' });
    return;
  }
  const id = fileIdOf(object);
  const now = deps.clock.now();
  const file: PromptFile = {
    id,
    caller: callerOfKey(object.key),
    key: object.key,
    etag: object.etag,
    sequencer: object.sequencer,
    size: object.size,
    status: 'reading',
    createdAt: new Date(now).toISOString(),
    lines: 0,
    blocks: 0,
    fullBlocks: [],
    lease: null,
    pending: false,
    dueAt: now + READING_DUE_MS,
    dueTries: 0,
    error: null,
  };
  const isNew = await deps.files.create(file);
  const isNewest = await deps.files.noteNewest(object.key, object.sequencer, id);
  const current = isNew ? file : await deps.files.get(id);
  if (!current) return;
  if (current.status === 'reading') await readFile(current, deps);
  // The same content came back after another one: its results are this key's again.
  else if (isNewest && current.status !== 'generating') await publishNewest(current, deps);
};

export const fileIdOf = ({ bucket, key, etag }: Pick<CreatedObject, 'bucket' | 'key' | 'etag'>): string =>
  derivedRunId('file', bucket, key, etag).replace('run_', 'file_');

/** Reads a file whose FILE stands as `reading`. */
export const readFile = async (file: PromptFile, deps: IntakeDeps): Promise<void> => {
  let groups: FileLineEntry[][];
  try {
    groups = isComparison(file)
      ? await readPlannedLines(file, deps.content)
      : [await readEntries(file, deps)];
  } catch (error) {
    if (!(error instanceof EverytokenError) || isRetryable(error)) throw error;
    await recordFailure(file, { code: error.code, message: error.message }, deps);
    return;
  }
  const blocks = await saveLines(file, groups, deps);
  const lines = groups.flat().length;
  const generating = await deps.files.change(
    file.id,
    {
      status: 'generating',
      lines,
      blocks: blocks.length,
      dueAt: deps.clock.now() + READING_DUE_MS,
    },
    { status: ['reading'] },
  );
  if (!generating) return;
  deps.log.info('file.accepted', { file_id: file.id, lines, blocks: blocks.length });
  const first = groups[0]?.length ?? 0;
  for (const block of blocks) {
    await sendLines(block, deps, block.firstLine > first ? { delaySeconds: GROUP_DELAY_SECONDS } : {});
  }
};

const readEntries = async (file: PromptFile, { readSource }: IntakeDeps): Promise<FileLineEntry[]> => {
  const format = formatOfKey(file.key) as FileFormat | 'unserved';
  if (format === 'unserved') {
    throw new InvalidInputError(
      [{ path: '', message: 'files of this kind are not served yet; .txt and .json are' }],
      {
        code: 'unsupported_format',
      },
    );
  }
  if (file.size > MAX_FILE_BYTES[format]) {
    throw new InvalidInputError(
      [{ path: '', message: `the file has ${file.size} bytes; at most ${MAX_FILE_BYTES[format]} are read` }],
      { code: 'too_large' },
    );
  }
  return parsePromptFile(await readSource(file.key, file.etag), format);
};

/** The lines, one a row, and the blocks that say where they stand; a block holds lines of one group. */
const saveLines = async (file: PromptFile, groups: FileLineEntry[][], deps: IntakeDeps): Promise<Block[]> => {
  const rows = groups.flat().map((entry) => `${JSON.stringify(entry)}\n`);
  await deps.content.put(linesKey(file.id), rows.join(''), 'application/x-ndjson');
  const blocks: Block[] = [];
  let start = 0;
  let at = 0;
  for (const length of groups.flatMap(blockLengths)) {
    const own = rows.slice(at, at + length);
    const end = start + own.reduce((sum, row) => sum + Buffer.byteLength(row), 0);
    blocks.push({
      fileId: file.id,
      number: blocks.length,
      firstLine: at + 1,
      lines: own.length,
      start,
      end,
      done: [],
      dueAt: deps.clock.now() + READING_DUE_MS,
      dueTries: 0,
    });
    start = end;
    at += length;
  }
  for (const block of blocks) await deps.files.createBlock(block);
  return blocks;
};

const blockLengths = ({ length }: FileLineEntry[]): number[] =>
  Array.from({ length: Math.ceil(length / LINES_PER_BLOCK) }, (_, at) =>
    Math.min(LINES_PER_BLOCK, length - at * LINES_PER_BLOCK),
  );
