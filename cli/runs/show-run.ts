import { ApiError, type Generation, type Run, type Trace } from '../../client/index.ts';
import type { ApiContext } from '../api-command.ts';
import { CommandError } from '../command.ts';
import { printTable } from '../terminal/print-table.ts';
import { printFigures, printRemarks } from './figures.ts';
import { findOutput, findRun } from './find-run.ts';
import { printDetails, printHead, printTexts, printTimeline } from './print-run.ts';
import { missingAlternatives, printToken, tokenAt } from './print-token.ts';
import { EXACT_CHUNKS, SHOWN_CHUNKS, traceRows } from './trace-columns.ts';
import { wholeOutputs } from './whole-outputs.ts';

type ShowOptions = {
  generation?: string | undefined;
  token?: number | undefined;
  trace?: true | undefined;
  csv?: true | undefined;
  json?: true | undefined;
};

/** Shows a run, one of its outputs, a token, or a trace. */
export const showRun = async (id: string, options: ShowOptions, context: ApiContext): Promise<void> => {
  const { client, signal, json } = context;
  const run = await findRun(client, id, signal);
  if (options.trace || options.token !== undefined) return await showTrace(run, options, context);
  const chosen =
    options.generation === undefined ? undefined : await findOutput(client, run, options.generation, signal);
  if (options.json) return json(chosen ?? run);
  await printWhole(run, chosen, context);
};

const printWhole = async (run: Run, chosen: Generation | undefined, context: ApiContext): Promise<void> => {
  const { client, screen, note, again, signal } = context;
  printHead(screen, run);
  const outputs = chosen ? [chosen] : await wholeOutputs(client, run, { signal });
  printTexts(screen, run, outputs, { isBrief: outputs.length > 1 });
  if (run.generations.length === 0) {
    printRemarks(screen, run);
    if (run.error === null && run.status !== 'cancelled') note(`next: ${again(`wait ${run.id}`)}`);
    return;
  }
  screen.line();
  printFigures(screen, chosen ? { ...run, generations: [chosen] } : run);
  printRemarks(screen, chosen ? { ...run, checks: null, generations: [chosen] } : run);
  const [detailed] = outputs;
  if (detailed === undefined) return;
  if (outputs.length > 1) {
    screen.line();
    screen.line(screen.dim(`details of output 1 of ${outputs.length} · --generation 2 has the next`));
  }
  printDetails(screen, run, detailed);
  const trace = await readTrace(run, detailed, context);
  if (trace !== undefined) printTimeline(screen, trace);
};

/** The trace of an output; undefined when there is none, as of one that failed. */
const readTrace = async (
  { id }: Run,
  { index }: Generation,
  { client, signal }: ApiContext,
): Promise<Trace | undefined> => {
  try {
    return await client.runs.trace(id, index, { signal });
  } catch (error) {
    if (error instanceof ApiError && [404, 409, 410].includes(error.status)) return undefined;
    throw error;
  }
};

const showTrace = async (run: Run, options: ShowOptions, context: ApiContext): Promise<void> => {
  const { client, screen, note, again, json, signal } = context;
  const output = await findOutput(client, run, options.generation ?? '1', signal);
  const trace = await readTrace(run, output, context);
  if (trace === undefined) throw new CommandError(`there is no trace of it: the output ${output.status}`);
  if (options.token === undefined) {
    if (options.json) json(trace);
    else
      printTable(screen, options.csv ? EXACT_CHUNKS : SHOWN_CHUNKS, traceRows(trace), { csv: options.csv });
    return;
  }
  const token = tokenAt(trace, options.token);
  if (options.json) return json(trace.chunks[token.chunk]);
  printToken(screen, trace, token, output);
  const missing = missingAlternatives(token, again);
  if (missing !== undefined) note(missing);
};
