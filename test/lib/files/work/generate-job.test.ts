import { expect, test } from 'vitest';
import { generateJob } from '../../../../lib/files/work/generate-job.ts';
import { makeFileWorld, prompts, SMALL } from '../file-world.ts';

/** A world whose jobs count how often they read their file, and the run of their line. */
const makeCounted = (options: Parameters<typeof makeFileWorld>[0] = {}) => {
  const world = makeFileWorld(options);
  const { files, runs } = world.deps;
  const reads = { files: 0, runs: 0 };
  const deps = {
    ...world.deps,
    files: {
      ...files,
      get: (id: string) => {
        reads.files += 1;
        return files.get(id);
      },
    },
    runs: {
      ...runs,
      get: (id: string) => {
        reads.runs += 1;
        return runs.get(id);
      },
    },
  };
  /** Works on the next job, and tells what it read. */
  const readsOfJob = async () => {
    Object.assign(reads, { files: 0, runs: 0 });
    const job = world.jobs.receive();
    if (!job) return undefined;
    await generateJob(job.body, deps, undefined, { waitedMs: job.waitedMs, isFirst: true });
    job.delete();
    return { ...reads };
  };
  return { ...world, readsOfJob };
};

test('a new line looks for its run once, and reads its file once when all blocks are sent', async () => {
  const { take, readsOfJob, work, rows } = makeCounted();
  await take('prompts/@docs/a.jsonl', prompts('one', 'two', 'three'));
  // The last line ends the block, and then the file is read to assemble its results.
  expect([await readsOfJob(), await readsOfJob()]).toEqual([
    { files: 1, runs: 1 },
    { files: 1, runs: 1 },
  ]);
  await work();
  expect((await rows()).map(({ run }) => run.generations[0].text)).toEqual([
    'About one',
    'About two',
    'About three',
  ]);
});

test('lines of a file with blocks left read it until these are sent, and each line is generated', async () => {
  const { take, readsOfJob, work, rows, prompted } = makeCounted({ limits: SMALL });
  const texts = Array.from({ length: 20 }, (_, at) => `prompt ${at}`);
  await take('prompts/@docs/a.jsonl', prompts(...texts));
  const seen: number[] = [];
  for (let read = await readsOfJob(); read; read = await readsOfJob()) seen.push(read.files);
  expect(Math.max(...seen)).toBeGreaterThan(1);
  expect(seen.at(-2)).toBe(1);
  await work();
  expect(await rows()).toHaveLength(20);
  expect(prompted().toSorted()).toEqual(texts.toSorted());
});
