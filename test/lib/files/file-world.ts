import { continueFile } from '../../../lib/files/move-file.ts';
import type { PromptFile } from '../../../lib/files/prompt-file.ts';
import { type CreatedObject, intakeObject } from '../../../lib/files/read/intake.ts';
import { writePartialResults } from '../../../lib/files/results/assemble.ts';
import { generateJob } from '../../../lib/files/work/generate-job.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makeWorld } from '../../memory/world.ts';

/** Limits so small that few lines make several blocks, parts and reads. */
export const SMALL = {
  blockLines: 3,
  blockBytes: 10_000,
  openBlocks: 2,
  firstWindow: 4,
  partBytes: 3_000,
  readBytes: 40,
};

/** A world for one prompt file, whose messages are processed as the functions do. */
export const makeFileWorld = (options: Parameters<typeof makeWorld>[0] = {}) => {
  const generateOne = makeGenerateOne(({ messages }) => {
    const prompt = messages.at(-1)?.content ?? '';
    return prompt === 'fail' ? null : `About ${prompt}`;
  });
  const world = makeWorld({ generateOne, ...options });
  const only = (): PromptFile => {
    const [file] = world.files.files.values();
    if (!file) throw new Error('there is no file');
    return file;
  };
  const workJob = async (): Promise<boolean> => {
    const job = world.jobs.receive();
    if (job)
      await generateJob(job.body, world.deps, undefined, {
        waitedMs: job.waitedMs,
        isFirst: job.receives === 1,
      });
    job?.delete();
    return job !== undefined;
  };
  const workMessage = async (): Promise<boolean> => {
    const message = world.fileQueue.receive();
    if (message?.body.type === 'partial') await writePartialResults(message.body.file_id, world.deps);
    else if (message) await continueFile(message.body.file_id, world.deps);
    message?.delete();
    return message !== undefined;
  };
  const read = (suffix: string) => world.content.get(`results/${only().key}.${only().id}${suffix}`);
  return {
    ...world,
    generateOne,
    file: only,
    workJob,
    workMessage,
    /** Processes everything that can be received now. */
    work: async (): Promise<void> => {
      while ((await workJob()) || (await workMessage())) {}
    },
    take: async (key: string, body: string | Uint8Array): Promise<CreatedObject> => {
      const object = world.drop(key, body);
      await intakeObject(object, world.deps);
      return object;
    },
    read,
    rows: async () => {
      const text = await read('.jsonl');
      return text
        .trimEnd()
        .split('\n')
        .map((row) => JSON.parse(row));
    },
    summary: async () => JSON.parse(await read('.summary.json')),
    prompted: () => generateOne.calls.map(({ prompt }) => prompt),
  };
};

export const jsonLines = (...bodies: unknown[]): string =>
  bodies.map((body) => `${JSON.stringify(body)}\n`).join('');
export const prompts = (...texts: string[]): string => jsonLines(...texts.map((prompt) => ({ prompt })));
