import { isDeepStrictEqual } from 'node:util';
import { addCounts } from '../../lib/files/counts.ts';
import type { FileCondition, FileStore } from '../../lib/files/ports.ts';
import { type Block, isFileDeleted, newFile, type PromptFile } from '../../lib/files/prompt-file.ts';
import { own } from '../../lib/json/value.ts';
import { cursorOf, readCursor } from '../../lib/runs/list/cursor.ts';
import { copyOf } from './copy.ts';
import type { DueEntry } from './due-index.ts';

/** Items that one call of `list` reads, as the port says. */
const MAX_READ = 1_000;

/** File, block and key items in maps; a read returns a copy, a write is atomic. */
export const makeMemoryFileStore = (): FileStore & {
  files: Map<string, PromptFile>;
  blocks: Map<string, Block>;
  /** The time from which each tombstone may expire, epoch ms. */
  expiries: Map<string, number>;
  newestByKey: Map<string, { fileId: string }>;
  dueEntries: () => DueEntry[];
} => {
  const files = new Map<string, PromptFile>();
  const blocks = new Map<string, Block>();
  const tries = new Map<string, number>();
  const expiries = new Map<string, number>();
  const newest = new Map<string, { sequencer: string; fileId: string; published?: string }>();
  const blockKey = (fileId: string, number: number) => `BLOCK#${String(number).padStart(6, '0')} ${fileId}`;
  return {
    files,
    blocks,
    expiries,
    newestByKey: newest,
    dueEntries: () => [
      ...[...files.values()].map(({ id, dueAt }) => ({ pk: `FILE#${id}`, sk: 'FILE', dueAt })),
      ...[...blocks.values()].map(({ fileId, number, dueAt }) => ({
        pk: `FILE#${fileId}`,
        sk: `BLOCK#${String(number).padStart(6, '0')}`,
        dueAt,
      })),
    ],
    create: async (file) => {
      if (files.has(file.id)) return false;
      files.set(file.id, copyOf(file));
      return true;
    },
    get: async (id) => copyOf(files.get(id)),
    change: async (id, change, condition) => {
      const file = files.get(id);
      if (!file || !holds(file, condition)) return undefined;
      const changed = { ...file, ...copyOf(change) };
      files.set(id, changed);
      return copyOf(changed);
    },
    list: async ({ caller, limit, kind = 'file', cursor, since = '', until = '~', status, all }) => {
      const prefix = kind === 'comparison' ? 'cmp_' : 'file_';
      const isListed = (createdAt: string, id: string) => createdAt < until && id.startsWith(prefix);
      const after = cursor === undefined ? undefined : readCursor(cursor, isListed).position;
      const sortKey = ({ createdAt, id }: PromptFile) => `${createdAt}#${id}`;
      const read = [...files.values()]
        .filter((file) => file.caller === caller && file.id.startsWith(prefix))
        .filter((file) => file.createdAt >= since && file.createdAt < until)
        .filter((file) => after === undefined || sortKey(file) < after)
        .sort((a, b) => (sortKey(a) < sortKey(b) ? 1 : -1));
      const kept = read
        .slice(0, MAX_READ)
        .filter((file) => (all ? file.status !== 'deleted' : !isFileDeleted(file)))
        .filter((file) => status === undefined || file.status === status);
      const lastRead = read.length > MAX_READ ? read[MAX_READ - 1] : undefined;
      const last = kept.length > limit ? kept[limit - 1] : lastRead;
      return {
        files: copyOf(kept.slice(0, limit)),
        nextCursor: last ? cursorOf(sortKey(last)) : null,
      };
    },
    bury: async (file, leaseToken, expiresAt) => {
      const { id, caller, createdAt, sequencer, etag } = file;
      if (files.get(id)?.lease?.token !== leaseToken) return false;
      const kept = { id, caller, createdAt, sequencer, etag: id.startsWith('cmp_') ? etag : '' };
      files.set(id, newFile({ ...kept, key: '', status: 'deleted', dueAt: null }));
      expiries.set(id, expiresAt);
      return true;
    },
    addFullBlock: async (id, block, counts, errors) => {
      const file = files.get(id);
      if (!file) throw new Error(`${id} is not in the table`);
      const isAsBefore = !errors || isDeepStrictEqual(file.errors, errors.before);
      if (!file.fullBlocks.includes(block) && isAsBefore) {
        if (errors) file.errors = copyOf(errors.after);
        file.fullBlocks = [...file.fullBlocks, block];
        file.counts = addCounts(file.counts, counts);
      }
      return copyOf(file);
    },
    createBlock: async (block) => {
      const key = blockKey(block.fileId, block.number);
      if (blocks.has(key)) return false;
      blocks.set(key, copyOf(block));
      return true;
    },
    getBlock: async (fileId, number) => copyOf(blocks.get(blockKey(fileId, number))),
    changeBlock: async (fileId, number, change, { dueAt, sent }) => {
      const block = blocks.get(blockKey(fileId, number));
      if (!block || (dueAt !== undefined && block.dueAt !== dueAt)) return undefined;
      if (sent !== undefined && block.sent !== sent) return undefined;
      Object.assign(block, change);
      return copyOf(block);
    },
    addDone: async (fileId, number, line, { counts = {}, skipped = false, failedAs, error, answer } = {}) => {
      const block = blocks.get(blockKey(fileId, number));
      if (!block) throw new Error(`block ${number} of file ${fileId} is not in the table`);
      if (!block.done.includes(line)) {
        block.done = [...block.done, line];
        if (skipped) block.skipped = [...block.skipped, line];
        if (failedAs !== undefined)
          block.failed = { ...block.failed, [failedAs]: [...(own(block.failed, failedAs) ?? []), line] };
        if (error) block.errors = { ...block.errors, [line]: error };
        if (answer) block.answers = { ...block.answers, [line]: copyOf(answer) };
        block.counts = addCounts(block.counts, counts);
      }
      return copyOf(block);
    },
    addTry: async (fileId, number, line, by) => {
      const key = `${blockKey(fileId, number)} ${line}`;
      const sum = (tries.get(key) ?? 0) + by;
      tries.set(key, sum);
      return sum;
    },
    noteNewest: async (key, sequencer, fileId) => {
      const noted = newest.get(key);
      if (!noted || compareSequencers(noted.sequencer, sequencer) < 0)
        newest.set(key, { ...noted, sequencer, fileId });
      return newest.get(key)?.fileId === fileId;
    },
    newest: async (key) => newest.get(key)?.fileId,
    notePublished: async (key, fileId) => {
      const noted = newest.get(key);
      if (noted) noted.published = fileId;
    },
    published: async (key) => {
      const noted = newest.get(key);
      return noted?.published ?? noted?.fileId;
    },
    forgetKey: async (key, fileId) => {
      if (newest.get(key)?.fileId === fileId) newest.delete(key);
    },
    deleteBlock: async (fileId, number) => {
      blocks.delete(blockKey(fileId, number));
    },
  };
};

/** Compares as S3 specifies: the shorter one is padded on the right with zeros, then both compare as text. */
const compareSequencers = (a: string, b: string): number => {
  const width = Math.max(a.length, b.length);
  const [left, right] = [a, b].map((each) => each.toUpperCase().padEnd(width, '0'));
  return left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1;
};

const holds = (
  file: PromptFile,
  { status, leaseToken, leaseBefore, attempts, dueAt, sentBlocks, stopped, retriedAs }: FileCondition,
): boolean =>
  (retriedAs === undefined || file.retriedAs === retriedAs) &&
  (sentBlocks === undefined || file.sentBlocks === sentBlocks) &&
  (attempts === undefined || file.attempts === attempts) &&
  (stopped === undefined || file.stopped === null) &&
  (status === undefined || status.includes(file.status)) &&
  (leaseToken === undefined || file.lease?.token === leaseToken) &&
  (leaseBefore === undefined || file.lease === null || file.lease.until < leaseBefore) &&
  (dueAt === undefined || file.dueAt === dueAt);
