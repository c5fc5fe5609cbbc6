import { medianOf } from '../medians.ts';
import { peerId } from './cold-stack.ts';
import type { Start } from './measure.ts';

/** A row of the table: medians of the rounds. `share` is of the five unbundled clients' load, in the same round. */
export type Row = Omit<Start, 'functionId' | 'round'> & { name: string; share: number };

/** The shares that are aimed at. */
const AIMS: Record<string, number> = {
  sweep: 0.24,
  api: 0.32,
  generateHttp: 0.36,
  intake: 0.36,
  embed: 0.47,
};

const NAMES: Record<string, string> = {
  [peerId('empty')]: 'an empty handler',
  [peerId('clients')]: 'five clients, unbundled',
  [peerId('langchain')]: 'LangChain.js and DynamoDB, unbundled',
};

const nameOf = (functionId: string): string =>
  NAMES[functionId] ??
  `${functionId.charAt(0).toLowerCase()}${functionId.slice(1).replace(/LambdaFunction$/, '')}`;

/**
 * The rows in the order of the starts. The load of each function is counted beyond that of the empty handler in the same
 * round; its first and second event are not.
 */
export const rowsOf = (starts: readonly Start[]): Row[] => {
  const loadOf = (functionId: string, round: number): number =>
    starts.find((start) => start.functionId === functionId && start.round === round)?.loadMs ?? Number.NaN;
  const beyondEmpty = ({ loadMs, round }: Start): number => loadMs - loadOf(peerId('empty'), round);
  const shareOf = (start: Start): number =>
    beyondEmpty(start) / (loadOf(peerId('clients'), start.round) - loadOf(peerId('empty'), start.round));
  return [...Map.groupBy(starts, ({ functionId }) => functionId)].map(([functionId, group]) => {
    const median = (of: (start: Start) => number | null): number | null => {
      const values = group.flatMap((start) => of(start) ?? []);
      return values.length === 0 ? null : medianOf(values);
    };
    return {
      name: nameOf(functionId),
      loadMs: medianOf(group.map(beyondEmpty)),
      share: medianOf(group.map(shareOf)),
      firstMs: medianOf(group.map(({ firstMs }) => firstMs)),
      secondMs: medianOf(group.map(({ secondMs }) => secondMs)),
      firstAnswerMs: median(({ firstAnswerMs }) => firstAnswerMs),
      secondAnswerMs: median(({ secondAnswerMs }) => secondAnswerMs),
      peakBytes: medianOf(group.map(({ peakBytes }) => peakBytes)),
    };
  });
};

const whole = (value: number | null): string => (value === null ? '–' : value.toFixed(0));

/** The table as Markdown. */
export const tableOf = (rows: readonly Row[]): string =>
  [
    '| function | load, CPU ms | share | aim | first event, CPU ms | second | first answer, ms | second | peak MB |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows.map(({ name, loadMs, share, firstMs, secondMs, firstAnswerMs, secondAnswerMs, peakBytes }) => {
      const cells = [
        ...[name, whole(loadMs), share.toFixed(2), AIMS[name]?.toFixed(2) ?? '', whole(firstMs)],
        ...[whole(secondMs), whole(firstAnswerMs), whole(secondAnswerMs), whole(peakBytes / 1e6)],
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ].join('\n');
