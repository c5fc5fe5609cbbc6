import type { PromptFile } from '../../../../client/index.ts';
import { isObject } from '../../../../lib/json/value.ts';
import type { ApiContext } from '../../../api-command.ts';
import { ExitStatus } from '../../../exit-status.ts';
import { printableLine } from '../../../terminal/printable.ts';
import type { Screen } from '../../../terminal/screen.ts';
import { duration } from '../../../terminal/time.ts';
import { bytesText, counted, countOf, dollars } from '../../../terminal/units.ts';
import { writeWhole } from '../../../whole-file.ts';
import { fileIdOf } from '../find-file.ts';
import { linesText, rowsText } from '../reasons.ts';
import { recall } from '../remembered.ts';
import { readFailures } from './failures.ts';
import { type Place, requireReplaceable } from './place.ts';

type EndContext = ApiContext & {
  place: Place;
  force?: boolean | undefined;
  /** The file as the next command should name it: its path, or its id. */
  named: string;
  isJson?: boolean | undefined;
};

/**
 * Fetches the results of an ended file, and prints counts, cost, failed rows with their reasons, and where the results
 * are. Returns the exit status.
 */
export const endFile = async (file: PromptFile, context: EndContext): Promise<number> => {
  const { screen, json, note, isJson } = context;
  const written = await fetchResults(file, context);
  if (isJson) {
    json(file);
    if (written) note(`results: ${printableLine(written)}`);
    return statusOf(file);
  }
  showCounts(screen, file);
  showCost(screen, file);
  await showCut(file, context);
  await showFailures(file, written, context);
  if (written) screen.entry('results', screen.good(printableLine(written)));
  if (file.counts.failed > 0 && !file.dry_run) {
    const { advice, more } = adviceFor(file);
    // Neither rows nor fields can be changed by an id.
    const isChanged = file.counts.refused || more !== '';
    const named = isChanged ? await pathOf(context.named) : context.named;
    if (file.endpoint && file.counts.refused)
      screen.entry('next', 'mend the rows with faults, and create another batch of them');
    else if (named === undefined)
      screen.entry('next', `mend the file and drop it again, or ${context.again('file retry <its path>')}`);
    else screen.entry('next', advice, printableLine(context.again(`file retry ${quoted(named)}${more}`)));
  }
  return statusOf(file);
};

/** The path of a file on this machine that was named by its path or its id; undefined when it is not known. */
const pathOf = async (named: string): Promise<string | undefined> => {
  const id = fileIdOf(named);
  return id === undefined ? named : (await recall(id))?.path;
};

/** The next step after failed rows, and the option that it takes. */
const adviceFor = ({ stopped, counts }: PromptFile): { advice: string; more: string } => {
  if (stopped?.code === 'max_cost_reached') return { advice: 'raise the limit', more: ' --max-cost-usd …' };
  return { advice: counts.refused ? 'mend the rows' : 'try them again', more: '' };
};

/** 3 when rows failed; 1 when the file was not generated as a whole. */
const statusOf = ({ status, counts }: PromptFile): number => {
  if (status === 'failed' || status === 'cancelled') return ExitStatus.failed;
  return counts.failed > 0 ? ExitStatus.partlyFailed : ExitStatus.ok;
};

/** Writes the results to their place; undefined when there are none: an answer that failed has no text. */
const fetchResults = async (
  { id, downloads }: PromptFile,
  { client, errors, note, again, signal, place, force }: EndContext,
): Promise<string | undefined> => {
  if (!downloads || !(place.format in downloads)) return undefined;
  await requireReplaceable(place, { force, signal });
  const live = errors.isLive ? errors.live() : undefined;
  try {
    const { body } = await client.files.download(id, place.format, { signal });
    await writeWhole(place.path, body, {
      signal,
      onBytes: (bytes) => live?.show([errors.dim(`fetching the results: ${bytesText(bytes)}`)]),
    });
  } catch (error) {
    note(`the results are kept: ${again(`file results ${printableLine(id)} --out …`)}`);
    throw error;
  }
  live?.finish([]);
  return place.path;
};

const showCounts = (screen: Screen, file: PromptFile): void => {
  const { filename, status, counts, created_at, ended_at, error, stopped } = file;
  const seconds = ended_at === null ? null : (Date.parse(ended_at) - Date.parse(created_at)) / 1000;
  const isWhole = counts.lines !== null;
  screen.entry(
    'file',
    printableLine(filename),
    printableLine(file.id),
    ...(seconds === null ? [] : [duration(Math.max(0, seconds))]),
  );
  if (error) screen.entry(status, screen.bad(printableLine(`${error.code}: ${error.message}`)));
  if (stopped)
    screen.entry(
      'stopped',
      stopped.code === 'max_cost_reached' ? 'it reached its most cost' : 'by a command',
      `${rowsText(counts.not_begun)} not begun`,
    );
  if (!isWhole) return;
  screen.entry(
    'rows',
    file.dry_run
      ? `${counted(counts.accepted)} of ${counted(counts.lines)} can be generated`
      : `${counted(counts.completed)} of ${counted(counts.lines)} answered`,
    ...(counts.reused > 0 ? [`${counted(counts.reused)} reused from an earlier file`] : []),
    ...(counts.failed > 0 ? [screen.bad(`${counted(counts.failed)} failed`)] : []),
  );
};

const showCost = (
  screen: Screen,
  { paid_usd, reused_cost_usd, counts, dry_run, usage }: PromptFile,
): void => {
  if (dry_run || counts.lines === null) return;
  screen.entry(
    'cost',
    paid_usd === null ? 'not known: the price of a model is not' : `${dollars(paid_usd)} paid now`,
    ...(reused_cost_usd ? [`${dollars(reused_cost_usd)} of reused rows was paid before`] : []),
    `${counted(usage.prompt_tokens)} tokens in, ${counted(usage.completion_tokens)} out${counts.reused > 0 ? ', reused rows included' : ''}`,
  );
};

/** Says how many answers max_tokens cut: they look like whole ones. The summary of older results does not tell. */
const showCut = async (
  { id, downloads }: PromptFile,
  { client, screen, signal }: EndContext,
): Promise<void> => {
  if (downloads?.summary === undefined) return;
  const summary: unknown = await (await client.files.download(id, 'summary', { signal })).json();
  const cut = isObject(summary) ? Number(summary.cut_at_max_tokens ?? 0) : 0;
  if (cut > 0)
    screen.entry(
      'cut',
      screen.attention(`${countOf(cut, 'answer')} reached max_tokens`),
      'more with --max-tokens …',
    );
};

const MAX_SHOWN = 10;

const showFailures = async (
  file: PromptFile,
  written: string | undefined,
  context: EndContext,
): Promise<void> => {
  const { screen } = context;
  if (file.counts.lines === null) return;
  const { failures, more } = await readFailures(file, context);
  for (const [at, { reason, count, lines }] of failures.slice(0, MAX_SHOWN).entries())
    screen.entry(at === 0 ? 'failed' : '', linesText(lines, count), printableLine(reason));
  const rest = failures.slice(MAX_SHOWN).reduce((sum, { count }) => sum + count, more);
  if (rest > 0)
    screen.entry(
      '',
      `${rowsText(rest)} for other reasons${written ? `: see ${printableLine(written)}` : ''}`,
    );
};

/** A word of a command line for a shell. */
const quoted = (word: string): string =>
  /^[\w./@%+,:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
