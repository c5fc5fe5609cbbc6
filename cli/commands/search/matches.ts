import type { SearchAnswer, SearchInput, SearchMatch } from '../../../client/index.ts';
import { dropAbsent } from '../../../lib/json/value.ts';
import type { ApiContext } from '../../api-command.ts';
import { type Bounds, boundsOf } from '../../runs/bounds.ts';
import { wrap, wrapPieces } from '../../terminal/layout.ts';
import { type Column, printTable } from '../../terminal/print-table.ts';
import { printableLine, printableValue } from '../../terminal/printable.ts';
import type { Screen } from '../../terminal/screen.ts';
import { localTime } from '../../terminal/time.ts';
import { counted, dollars, milliseconds, secondsOf } from '../../terminal/units.ts';

type Filters = Bounds & {
  since?: string | undefined;
  until?: string | undefined;
  model?: string | undefined;
  label?: string | undefined;
  run?: string | undefined;
  metadata?: [string, string][] | undefined;
};

/** The filter of a search as the API takes it; null without any condition. */
export const filterOf = ({
  since,
  until,
  model,
  label,
  run,
  metadata = [],
  ...bounds
}: Filters): NonNullable<SearchInput['filter']> | null => {
  const filter = {
    ...dropAbsent({ since, until, model, label, run_id: run }),
    ...boundsOf(bounds),
    ...Object.fromEntries(metadata.map(([name, value]) => [`metadata.${name}`, value])),
  };
  return Object.keys(filter).length > 0 ? filter : null;
};

type Context = Pick<ApiContext, 'screen' | 'errors' | 'note' | 'again'> & { csv?: boolean | undefined };

/** Prints the outputs found, best first, each with its figures and the passage; with `csv` a table of them. */
export const showMatches = (
  { data, warnings = [] }: SearchAnswer,
  query: string,
  { screen, errors, note, again, csv }: Context,
): void => {
  if (csv) printTable(screen, COLUMNS, data, { csv });
  else
    for (const [at, match] of printableValue(data).entries()) {
      if (at > 0) screen.line();
      showMatch(screen, match, wordsOf(query, match));
    }
  for (const warning of warnings) errors.line(errors.attention(`warning: ${printableLine(warning)}`));
  const [best] = data;
  if (!best) note('no output matches');
  else if (!csv)
    note(`a whole output: ${again(`show ${printableLine(best.run_id)} --generation ${best.index + 1}`)}`);
};

const INDENT = '  ';
const MAX_LINES = 6;

const showMatch = (screen: Screen, match: SearchMatch, words: RegExp | undefined): void => {
  const { score, run_id, index, model, label, created_at, prompt_preview, text } = match;
  const width = screen.width() - INDENT.length;
  const pieces = [
    `${screen.bold(run_id)} #${index + 1}`,
    score.toFixed(2),
    ...(label === '' ? [] : [label]),
    model,
    localTime(created_at),
    ...figuresOf(match),
  ];
  const [first = '', ...rest] = wrapPieces(pieces, ' · ', screen.width());
  screen.line(first);
  for (const line of rest) screen.line(INDENT + line);
  if (prompt_preview !== null)
    for (const line of wrap(`> ${prompt_preview.replace(/\s+/g, ' ')}`, width).slice(0, 2))
      screen.line(INDENT + screen.dim(line));
  const mark = (line: string) => (words ? line.replace(words, (word) => screen.bold(word)) : line);
  for (const line of passage(text, words, width)) screen.line(INDENT + mark(line));
};

const figuresOf = ({ metadata }: SearchMatch): string[] => {
  const figure = (name: string): number | undefined => {
    const value = new Map(Object.entries(metadata)).get(name);
    return typeof value === 'number' ? value : undefined;
  };
  const known = [
    ['tokens', (value: number) => `${counted(value)} tokens`],
    ['ttft_ms', (value: number) => `first token ${milliseconds(value)}`],
    ['e2e_ms', (value: number) => secondsOf(value)],
    ['cost_usd', (value: number) => dollars(value)],
  ] as const;
  return known.flatMap(([name, format]) => {
    const value = figure(name);
    return value === undefined ? [] : [format(value)];
  });
};

/** The lines of the passage around the first word of the query, with an ellipsis where text is left out. */
const passage = (text: string, words: RegExp | undefined, width: number): string[] => {
  const lines = wrap(text.replace(/\s+/g, ' ').trim(), Math.max(20, width - 2));
  const found = words ? lines.findIndex((line) => line.search(words) >= 0) : -1;
  const from = Math.max(0, Math.min(found - 1, lines.length - MAX_LINES));
  const shown = lines.slice(from, from + MAX_LINES);
  if (from > 0) shown[0] = `…${shown[0] ?? ''}`;
  if (from + MAX_LINES < lines.length) shown[shown.length - 1] += '…';
  return shown;
};

const SHORTEST = 4;

/** Finds the words of a query: those that the API found literally, and all that are long enough to tell something. */
const wordsOf = (query: string, { words }: SearchMatch): RegExp | undefined => {
  const own = query.split(/[^\p{L}\p{N}_]+/u).filter((word) => word.length >= SHORTEST);
  const all = [...words, ...own].filter((word) => word !== '').toSorted((a, b) => b.length - a.length);
  if (all.length === 0) return undefined;
  const either = all.map((word) => escaped(word)).join('|');
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${either})`, 'giu');
};

const escaped = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);

const COLUMNS: Column<SearchMatch>[] = [
  { title: 'score', text: ({ score }) => score.toFixed(2), csv: ({ score }) => score },
  { title: 'run_id', text: ({ run_id }) => run_id },
  { title: 'index', text: ({ index }) => String(index), csv: ({ index }) => index },
  { title: 'label', text: ({ label }) => label },
  { title: 'model', text: ({ model }) => model },
  { title: 'created_at', text: ({ created_at }) => created_at },
  ...['tokens', 'ttft_ms', 'tpot_ms', 'e2e_ms', 'cost_usd'].map(
    (name): Column<SearchMatch> => ({
      title: name,
      text: ({ metadata }) => String(new Map(Object.entries(metadata)).get(name) ?? ''),
    }),
  ),
  { title: 'prompt_preview', text: ({ prompt_preview }) => prompt_preview ?? '' },
  { title: 'text', text: ({ text }) => text },
];
