import type { Everytoken, Generation, Run } from '../../client/index.ts';
import { CommandError } from '../command.ts';
import { PROGRAM } from '../program-name.ts';
import { printableLine } from '../terminal/printable.ts';
import { samplesIn, titleOf } from './whole-outputs.ts';

/** The word by which commands name the newest run, or comparison. */
export const NEWEST = 'last';

/** The run of an id; `last` is the newest one. */
export const findRun = async (client: Everytoken, id: string, signal: AbortSignal): Promise<Run> =>
  await client.runs.get(id === NEWEST ? await newestRun(client, signal) : id, { signal });

/** The id of the newest run. @throws {CommandError} when there is none */
export const newestRun = async (client: Everytoken, signal: AbortSignal): Promise<string> => {
  const { data } = await client.runs.list({ limit: 1 }, { signal });
  const [newest] = data;
  if (newest === undefined)
    throw new CommandError(`there are no runs yet; make one: ${PROGRAM} run "Explain vector databases."`);
  return newest.id;
};

/**
 * The output that a person means by its number from 1, its label, or its title (`Top-k 40 #2`), whole.
 *
 * @throws {CommandError} naming the outputs that there are
 */
export const findOutput = async (
  client: Everytoken,
  run: Run,
  named: string,
  signal: AbortSignal,
): Promise<Generation> => {
  const { generations } = run;
  const samples = samplesIn(run);
  const found =
    generations.find(({ index }) => `${index + 1}` === named) ??
    generations.find((each) => titleOf(each, samples) === named || each.label === named);
  if (found !== undefined)
    return found.left_out === undefined
      ? found
      : await client.runs.generation(run.id, found.index, { signal });
  if (generations.length === 0) throw new CommandError(`${run.id} has no output yet: it is ${run.status}`);
  const titles = generations.map((each) => `${each.index + 1} (${titleOf(each, samples)})`);
  throw new CommandError(
    `--generation '${named}': there is none; there are ${printableLine(titles.join(', '))}`,
  );
};
