import { ApiError, ConnectionError, type Run, type RunInput, type RunStream } from '../../client/index.ts';
import type { ApiContext } from '../api-command.ts';
import { ExitStatus } from '../exit-status.ts';
import { printFigures, printRemarks } from './figures.ts';
import { type LiveOutputs, showOutputs } from './live-outputs.ts';
import { titleOf, wholeOutputs } from './whole-outputs.ts';

type FollowOptions = {
  json?: true | undefined;
  stats?: true | undefined;
  failOnCheck?: true | undefined;
};

/** The longest wait for vectors, which the diversity by meaning needs. */
const EMBEDDED_MS = 30_000;

/** Generates a run, shows its outputs as they are generated and then its figures. Resolves to the exit status. */
export const followRun = async (
  input: RunInput,
  options: FollowOptions,
  context: ApiContext,
): Promise<number> => {
  const { client, screen, signal } = context;
  const stream = client.runs.stream(input, { signal });
  const outputs = options.json ? undefined : showOutputs(screen, titlesOf(input), context.note);
  let run: Run;
  try {
    run = await endOf(stream, outputs, context);
  } catch (error) {
    outputs?.stop();
    if (!signal.aborted) throw error;
    context.note(leftText(stream.runId, context));
    return ExitStatus.interrupted;
  }
  if (outputs === undefined) context.json(run);
  else {
    outputs.finish(await wholeOutputs(client, run, { signal }));
    await showFigures(run, options, context);
  }
  return statusOf(run, options);
};

/** Reads the stream to its end. A run that failed is returned, too. */
const endOf = async (
  stream: RunStream,
  outputs: LiveOutputs | undefined,
  { note, signal }: ApiContext,
): Promise<Run> => {
  try {
    for await (const event of stream) outputs?.onEvent(event);
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof ConnectionError && stream.runId !== undefined)
      (outputs?.say ?? note)(`· the connection broke, and ${stream.runId} goes on: waiting for it`);
  }
  try {
    return await stream.finalRun();
  } catch (error) {
    if (error instanceof ApiError && error.run !== undefined) return error.run;
    throw error;
  }
};

const titlesOf = ({ settings, samples }: RunInput): string[] => {
  const count = samples ?? 1;
  return (settings?.map(({ label }) => label) ?? ['default']).flatMap((label) =>
    Array.from({ length: count }, (_, sample) => titleOf({ label, sample }, count)),
  );
};

const leftText = (id: string | undefined, { again }: ApiContext): string =>
  id === undefined
    ? `· no longer watched, before it had an id: if it was accepted, ${again('runs')} lists it`
    : `· no longer watched; the run goes on\n  ${again(`wait ${id}`)}\n  ${again(`cancel ${id}`)}`;

/** On a terminal figures belong to the result; elsewhere the texts alone do. */
const showFigures = async (run: Run, options: FollowOptions, context: ApiContext): Promise<void> => {
  const { screen, errors, again } = context;
  const place = screen.isTerminal ? screen : errors;
  if (place.isTerminal) place.line();
  if (screen.isTerminal || options.stats)
    printFigures(place, options.stats ? await embedded(run, context) : run, options);
  printRemarks(place, run);
  if (screen.isTerminal) place.entry('run', again(`show ${run.id}`));
};

/** The run once its outputs have vectors, if they get any and the diversity of several needs them. */
const embedded = async (run: Run, { client, errors, signal }: ApiContext): Promise<Run> => {
  if (run.status !== 'generated' || run.generations.length < 2) return run;
  const live = errors.isLive ? errors.live() : undefined;
  live?.show([errors.dim('· embedding the outputs')]);
  try {
    return await client.runs.wait(run.id, { until: 'completed', timeoutMs: EMBEDDED_MS, signal });
  } catch {
    return run;
  } finally {
    live?.show([]);
  }
};

const statusOf = (run: Run, { failOnCheck }: FollowOptions): number => {
  const completed = run.generations.filter(({ status }) => status === 'completed');
  if (completed.length === 0) return ExitStatus.failed;
  if (completed.length < run.generations.length || run.error !== null) return ExitStatus.partlyFailed;
  const isMet = completed.every(({ checks }) => checks.every(({ passed }) => passed));
  return failOnCheck && !isMet ? ExitStatus.notMet : ExitStatus.ok;
};
