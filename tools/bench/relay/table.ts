import { table } from '../../scale/markdown.ts';
import { STAGES } from './observe.ts';
import type { Figure, Line } from './results.ts';
import { WAYS } from './ways.ts';

const COLUMNS: Record<Figure, string> = {
  ttftP50: 'first token',
  ttftP90: 'its p90',
  beforeP50: 'request on its way',
  afterP50: 'first token on its way',
  tokenP50: 'later token on its way',
  tokenP90: 'its p90',
};

/** The explanation of the tables' columns, as items of a list. */
export const LEGEND = [
  '- first token: from the request to the first token at the client, the model server’s 50 ms included',
  '- request on its way: from the client’s write until the model server has read the request',
  '- token on its way: from the model server’s write of the token to the client’s read of it',
  ...Object.entries(STAGES).map(([name, words]) => `- ${name}: ${words}`),
].map((line) => line.replaceAll('’', "'"));

const names = Object.keys(COLUMNS) as Figure[];

/** The ways' times in ms; in brackets those beyond the bare proxy's. */
export const timesTable = (lines: readonly Line[]): string =>
  table(
    ['ms', ...names.map((name) => COLUMNS[name])],
    lines.map(({ way, figures, beyond }) => [
      WAYS[way].name,
      ...names.map((name) => `${figures[name].toFixed(2)} (${signed(beyond[name])})`),
    ]),
  );

/** Where the time goes within everytoken, in ms. */
export const stagesTable = (lines: readonly Line[]): string => {
  const stages = Object.keys(STAGES) as (keyof typeof STAGES)[];
  return table(
    ['ms', ...stages],
    lines
      .filter((line) => line.stages.accept !== undefined)
      .map((line) => [WAYS[line.way].name, ...stages.map((stage) => line.stages[stage]?.toFixed(2) ?? '–')]),
  );
};

const signed = (ms: number): string => `${ms < 0 ? '−' : '+'}${Math.abs(ms).toFixed(2)}`;
