import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_LIMITS } from '../../../lib/files/limits.ts';
import type { PromptFile } from '../../../lib/files/prompt-file.ts';
import { resultKey } from '../../../lib/files/results/objects.ts';
import { type Checked, checkResults } from './check-results.ts';
import { type Clients, idBeforehand, makeSource, upload } from './clients.ts';
import {
  untilAssembled,
  untilAssembling,
  untilBlock,
  untilEnded,
  untilRead,
  untilTaken,
} from './file-stages.ts';
import { markBlocks } from './mark-blocks.ts';
import type { Phases } from './phases.ts';
import { generatePattern, lineRunIdOf, seedRuns } from './seed-runs.ts';
import { type Life, makeStackLives, type StackLives } from './stack.ts';

export type IntakeResult = { bytes: number; status: PromptFile['status']; lives: Life[]; checked: Checked };

type Given = { lines: number; folder: string; variables: Record<string, string>; phases: Phases };

/** Passed to each step. */
type Work = { id: string; lines: number; stack: StackLives; phases: Phases };

const KEY = 'prompts/@local/lines.jsonl';

/**
 * Passes a file through intake and assembly. The runs of its lines have already ended. The stack is killed in the
 * middle of reading and in the middle of assembling, and restarted each time.
 */
export const intakePart = async ({ lines, folder, variables, phases }: Given): Promise<IntakeResult> => {
  const dataDir = join(folder, 'intake');
  mkdirSync(dataDir);
  const source = await phases.run('making the file', () => makeSource(folder, 'lines', lines), lines);
  const stack = makeStackLives(dataDir, variables, phases);
  try {
    const at = await stack.start('starting the stack');
    const id = await idBeforehand(source, KEY, at);
    const work: Work = { id, lines, stack, phases };
    const pattern = await phases.run('generating one line, the pattern of the others', () =>
      generatePattern(folder, at),
    );
    await phases.run(
      'writing ended runs and their outputs to the table and the bucket',
      () => seedRuns({ fileId: id, key: KEY, lines }, pattern, at, (done) => phases.progress(`${done} runs`)),
      lines,
    );
    await phases.run('uploading the file', () => upload(source, KEY, at));
    const { clients, file } = await assembled(await read(at, work), work);
    const checked = await phases.run(
      'reading the results and comparing each line with its input',
      async () => {
        const body = await clients.stream(resultKey(file, '.jsonl'));
        return checkResults(body, (line) => lineRunIdOf(line, KEY, clients));
      },
      lines,
    );
    await stack.kill('at the end');
    return { bytes: source.bytes, status: file.status, lives: stack.lives, checked };
  } finally {
    await stack.close();
  }
};

const middleOf = (lines: number): number => Math.floor(Math.ceil(lines / FILE_LIMITS.blockLines) / 2);
const MARKING_LIMIT_MS = 30 * 60_000;

/** Reads until all blocks are written, with a kill in the middle. Returns the clients of the restarted stack. */
const read = async (at: Clients, { id, lines, stack, phases }: Work): Promise<Clients> => {
  const middle = middleOf(lines);
  await phases.run('reading the first half', () => untilBlock(id, middle, at), Math.floor(lines / 2));
  const reader = await at.files.get(id);
  await stack.kill(reader?.status === 'reading' ? 'while reading' : 'after reading');

  const again = await stack.start('restarting the stack');
  const marking = markBlocks({ fileId: id, lines }, again, AbortSignal.timeout(MARKING_LIMIT_MS));
  marking.catch(() => undefined); // awaited below
  await phases.run("waiting until the dead reader's lease has expired", () =>
    untilTaken(id, reader?.lease?.token, again),
  );
  await phases.run('reading again from the start', () => untilRead(id, again), lines);
  await marking;
  return again;
};

/** Assembles to the end, with a kill in the middle of the results. */
const assembled = async (
  at: Clients,
  { id, lines, stack, phases }: Work,
): Promise<{ clients: Clients; file: PromptFile }> => {
  const assembler = await phases.run(
    'sending blocks whose lines are done',
    () => untilAssembling(id, at),
    lines,
  );
  const half = Math.floor(lines / 2);
  const reached = await phases.run(
    'assembling the first half',
    () => untilAssembled(id, middleOf(lines), at, phases),
    half,
  );
  if (reached === 'over') return { clients: at, file: await untilEnded(id, at, phases) };
  await stack.kill('while assembling');
  const clients = await stack.start('restarting the stack');
  await phases.run("waiting until the dead assembler's lease has expired", () =>
    untilTaken(id, assembler, clients),
  );
  const file = await phases.run('assembling the rest', () => untilEnded(id, clients, phases), lines - half);
  return { clients, file };
};
