import type { ContentStore, Job, JobQueue } from '../runs/ports.ts';
import { type Block, linesKey } from './prompt-file.ts';

const AT_ONCE = 10;

/** Sends a job for each line of a block that is not done. A job is a pointer: the line itself stays in S3. */
export const sendLines = async (
  block: Block,
  { content, jobs }: { content: ContentStore; jobs: JobQueue },
  options: { delaySeconds?: number } = {},
): Promise<void> => {
  const missing = (await jobsOfBlock(block, content)).filter((job) => !block.done.includes(job.line));
  for (let at = 0; at < missing.length; at += AT_ONCE) {
    await Promise.all(missing.slice(at, at + AT_ONCE).map((job) => jobs.send(job, options)));
  }
};

type LineJob = Extract<Job, { type: 'line' }>;

const jobsOfBlock = async (block: Block, content: ContentStore): Promise<LineJob[]> => {
  const rows = (await content.get(linesKey(block.fileId), block)).split('\n').filter((row) => row !== '');
  let start = block.start;
  return rows.map((row, at) => {
    const end = start + Buffer.byteLength(row);
    const job: LineJob = {
      type: 'line',
      file_id: block.fileId,
      block: block.number,
      line: block.firstLine + at,
      start,
      end,
    };
    start = end + 1;
    return job;
  });
};
