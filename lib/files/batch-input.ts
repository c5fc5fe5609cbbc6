import type { Clock } from '../async/clock.ts';
import { ID_CHARACTERS, timeOfId } from '../runs/keys.ts';
import type { Ids } from '../runs/ports.ts';

/** The prefix of the keys of a caller's input files for batches of OpenAI's API. S3 sends no events of them. */
export const inputFolder = (caller: string): string => `uploads/@${caller}/`;

const INPUT_ID = new RegExp(`^file-${ID_CHARACTERS}$`);

/** Whether a text is the id of an input file; those of prompt files have another form. */
export const isInputId = (id: string): boolean => INPUT_ID.test(id);

/** When an input file was made, by its id, in epoch ms. */
export const timeOfInput = (id: string): number => timeOfId(id.slice('file-'.length));

/** Makes the id and the key of a new input file; it exists once its object does. */
export const newInput = (
  caller: string,
  filename: string,
  { ids, clock }: { ids: Pick<Ids, 'runId'>; clock: Pick<Clock, 'now'> },
): { id: string; key: string } => {
  const id = ids.runId(clock.now()).replace('run_', 'file-');
  return { id, key: `${inputFolder(caller)}${id}/${filename}` };
};
