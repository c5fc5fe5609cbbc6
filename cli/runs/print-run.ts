import type { Generation, Run, Trace } from '../../client/index.ts';
import { own } from '../../lib/json/value.ts';
import { cutLine, wrap } from '../terminal/layout.ts';
import { type Column, tableLines } from '../terminal/print-table.ts';
import { printable, printableLine } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';
import { localTime } from '../terminal/time.ts';
import { countOf, dollars, milliseconds } from '../terminal/units.ts';
import { longGapsOf, timelineOf } from './timeline.ts';
import { outputText, samplesIn, titleOf } from './whole-outputs.ts';

/** The indent of what belongs to an entry of the screen. */
const INDENT = 13;
/** Lines of each text where several outputs are shown. */
const BRIEF_LINES = 4;

/** Prints what a run is: its id, status, time, model, metadata, place in a conversation, and its prompt. */
export const printHead = (screen: Screen, run: Run): void => {
  screen.entry(
    'run',
    printableLine(run.id),
    printableLine(run.status),
    localTime(run.created_at),
    run.models.map(printableLine).join(', '),
  );
  const pairs = Object.entries(run.metadata).map(([name, value]) => printableLine(`${name}=${value}`));
  if (pairs.length > 0) screen.entry('metadata', ...pairs);
  if (run.conversation !== null || run.previous_run !== null)
    screen.entry(
      'conversation',
      ...(run.conversation === null ? [] : [printableLine(run.conversation)]),
      ...(run.previous_run === null ? [] : [`after ${printableLine(run.previous_run)}`]),
    );
  printPrompt(screen, run);
};

const printPrompt = (screen: Screen, { prompt, messages, store }: Run): void => {
  if (prompt !== null) block(screen, 'prompt', printable(prompt));
  for (const { role, content, tool_calls } of messages ?? [])
    block(
      screen,
      printableLine(role),
      printable(outputText({ text: content, tool_calls: tool_calls ?? [] })),
    );
  if (prompt === null && messages === null && !store) screen.entry('prompt', screen.dim('not kept'));
};

/** A text beside its name, its lines kept. */
const block = (screen: Screen, name: string, text: string): void => {
  const lines = wrap(text.trim(), screen.width() - INDENT);
  for (const [at, line] of lines.entries())
    screen.line(
      `${at === 0 ? screen.bold(cutLine(name, INDENT - 1).padEnd(INDENT)) : ' '.repeat(INDENT)}${line}`.trimEnd(),
    );
};

/** Prints the outputs: one whole, several briefly and each under its title. */
export const printTexts = (
  screen: Screen,
  run: Run,
  outputs: Generation[],
  { isBrief }: { isBrief: boolean },
): void => {
  const samples = samplesIn(run);
  for (const output of outputs) {
    screen.line();
    if (run.generations.length > 1 || output.label !== 'default') {
      const title = `${output.index + 1}  ${printableLine(titleOf(output, samples))}`;
      screen.line(screen.bold(cutLine(title, screen.width())));
    }
    const lines = linesOf(output, screen);
    const shown = isBrief && lines.length > BRIEF_LINES + 1 ? lines.slice(0, BRIEF_LINES) : lines;
    for (const line of shown) screen.line(line);
    if (shown.length < lines.length)
      screen.line(screen.dim(`… ${countOf(lines.length - shown.length, 'more line')}`));
  }
};

const linesOf = (output: Generation, screen: Screen): string[] => {
  const text = printable(outputText(output)).trim();
  if (text !== '') return wrap(text, screen.width());
  if (output.not_stored) return [screen.dim('(the text is not kept)')];
  return [
    output.error === null
      ? screen.dim('(no text)')
      : screen.bad(`(failed: ${printableLine(output.error.code)})`),
  ];
};

/** Prints what is known of one output beyond its text and figures. */
export const printDetails = (screen: Screen, run: Run, output: Generation): void => {
  printSampling(screen, output);
  for (const { type, passed, message } of output.checks)
    screen.entry(
      'check',
      passed ? screen.good(`${type}: passed`) : screen.bad(`${type}: ${printableLine(message ?? 'failed')}`),
    );
  if (output.attempts.length > 0)
    screen.entry('attempts', ...output.attempts.map(attemptText), lastAttempt(output));
  screen.entry('cost', ...costOf(output));
  screen.entry('vectors', vectorsOf(run, output));
};

type Row = { name: string; requested: unknown; sent: unknown; effective: unknown };

const SAMPLING: Column<Row>[] = [
  { title: 'sampling', text: ({ name }) => valueText(name), left: true },
  { title: 'requested', text: ({ requested }) => valueText(requested), left: true },
  { title: 'sent', text: ({ sent }) => valueText(sent), left: true },
  { title: 'applied', text: ({ effective }) => valueText(effective), left: true },
  { title: '', text: verdictOf, left: true },
];

const printSampling = (screen: Screen, { sampling: { requested, sent, effective } }: Generation): void => {
  const names = [...new Set([requested, sent, effective].flatMap((fields) => Object.keys(fields)))];
  const rows = names.map((name) => ({
    name,
    requested: own(requested, name),
    sent: own(sent, name),
    effective: own(effective, name),
  }));
  if (rows.length === 0) return;
  screen.line();
  for (const [at, line] of tableLines(SAMPLING, rows, screen.width()).entries()) {
    const row = rows[at - 1];
    const fits = cutLine(line, screen.width());
    screen.line(row === undefined ? screen.dim(fits) : verdictOf(row) === '' ? fits : screen.attention(fits));
  }
  screen.line();
};

const MAX_VALUE = 20;

const valueText = (value: unknown): string => {
  if (value === undefined || value === null) return '—';
  const text = printableLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
};

/** Marks what a server did not do as asked. */
function verdictOf({ requested, sent, effective }: Row): string {
  if (requested === undefined) return '';
  if (sent === undefined && (effective === undefined || effective === null)) return '✗ left out';
  if (effective === undefined || effective === null) return '? not known to be applied';
  return JSON.stringify(effective) === JSON.stringify(requested) ? '' : '✗ changed';
}

const attemptText = ({ error, status, waited_ms }: Generation['attempts'][number]): string =>
  `${printableLine(error)}${status === null ? '' : ` (${status})`}, then ${milliseconds(waited_ms)} of waiting`;

const lastAttempt = ({ attempts, status }: Generation): string =>
  `attempt ${attempts.length + 1} ${status === 'failed' ? 'failed, too' : 'answered'}`;

const costOf = ({ cost_usd, price }: Generation): string[] => {
  if (price === null) return [dollars(cost_usd), 'no price is known of this model'];
  const { input, output, source, as_of } = price;
  const rates =
    input === undefined || output === undefined
      ? []
      : [`${dollars(input)} in, ${dollars(output)} out per million tokens`];
  return [dollars(cost_usd), ...rates, printableLine(`${source}, ${as_of}`)];
};

const vectorsOf = (run: Run, { vector_ids, not_indexed, status, not_stored }: Generation): string => {
  if (vector_ids.length > 0) return `${vector_ids.length}, found by search`;
  if (status === 'failed') return 'none: the output failed';
  if (not_indexed !== undefined) return 'none: there is no text';
  if (not_stored || !run.store) return 'none: texts are not kept';
  if (run.status === 'generated') return 'not yet: being embedded';
  if (run.status === 'failed') return `none: ${printableLine(run.error?.code ?? 'the run failed')}`;
  return 'none: the request said so (index: false)';
};

const GAPS = 3;

/** Draws when the tokens of an output arrived, with the longest gaps between them. */
export const printTimeline = (screen: Screen, trace: Trace): void => {
  const width = screen.width() - INDENT;
  const timeline = timelineOf(trace, width);
  if (timeline === undefined) return;
  screen.line();
  const under = (text: string) => {
    for (const line of text === timeline.axis ? [text] : wrap(text, width))
      screen.line(`${' '.repeat(INDENT)}${screen.dim(line)}`);
  };
  screen.entry('timeline', timeline.strip);
  under(timeline.axis);
  if (timeline.highestMs > 0)
    under(`waits between tokens: the longer, the higher; █ is ${milliseconds(timeline.highestMs)}`);
  for (const [at, { gapMs, place, text }] of longGapsOf(trace).slice(0, GAPS).entries()) {
    const name = at === 0 ? screen.bold('longest gaps'.padEnd(INDENT)) : ' '.repeat(INDENT);
    const gap = `${milliseconds(gapMs).padStart(8)} before ${place}`;
    screen.line(cutLine(`${name}${gap}  ${screen.dim(text)}`, screen.width()));
  }
};
