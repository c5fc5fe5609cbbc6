import type { BulkJobQueue, ContentStore, Job } from '../../runs/ports.ts';
import { type Block, blockKey } from '../prompt-file.ts';

/** Sends a job for each line of a block that is not done. A job is a pointer: the line itself stays in S3. */
export const sendLines = async (
  block: Block,
  { content, jobs }: { content: ContentStore; jobs: BulkJobQueue },
): Promise<void> => {
  const done = new Set(block.done);
  const missing = jobsOf(block, await content.get(blockKey(block.fileId, block.number))).filter(
    ({ line }) => !done.has(line),
  );
  await jobs.sendAll(missing, block.delaySeconds > 0 ? { delaySeconds: block.delaySeconds } : {});
};

type LineJob = Extract<Job, { type: 'line' }>;

const jobsOf = ({ fileId, number }: Block, rows: string): LineJob[] => {
  let start = 0;
  return rows
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const end = start + Buffer.byteLength(row);
      // A row begins with its line's number, so the row itself need not be parsed.
      const line = Number(/^\{"line":(\d+)/.exec(row)?.[1]);
      const job: LineJob = { type: 'line', file_id: fileId, block: number, line, start, end };
      start = end + 1;
      return job;
    });
};
