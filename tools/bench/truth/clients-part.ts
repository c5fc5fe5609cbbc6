import { type MeasureOptions, measure } from './measure.ts';
import { type Line, linesOf } from './results.ts';
import { LEGEND, tableOf } from './table.ts';
import { verdictOf } from './verdict.ts';

export type ClientsResult = { lines: Line[]; verdict: string[] };

/** The first part of `npm run bench -- truth`: everytoken's reader and other clients. Prints tables and verdict. */
export const runClientsPart = async (options: MeasureOptions): Promise<ClientsResult> => {
  const startedAt = performance.now();
  let shown = '';
  const samples = await measure(options, (done, turns, { round }) => {
    const now = `${Math.floor((20 * done) / turns) * 5}%`;
    if (now === shown) return;
    shown = now;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(`round ${round} of ${options.rounds} · ${now} · ${seconds} s`);
  });
  const lines = linesOf(samples);
  console.log(`\n${LEGEND.join('\n')}`);
  for (const scenario of options.scenarios) {
    for (const streams of options.streams) {
      const here = lines.filter((line) => line.scenario === scenario && line.streams === streams);
      console.log(`\n${tableOf(scenario, streams, here).join('\n')}`);
    }
  }
  const verdict = verdictOf(samples, lines, options.rate);
  console.log(`\n${verdict.join('\n')}`);
  return { lines, verdict };
};
