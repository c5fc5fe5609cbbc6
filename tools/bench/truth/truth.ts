import { accessSync, constants, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname, resolve, sep } from 'node:path';
import { UsageError } from '../../command.ts';
import { measure } from './measure.ts';
import { parseOptions } from './options.ts';
import { type Line, linesOf } from './results.ts';
import { LEGEND, tableOf } from './table.ts';
import { verdictOf } from './verdict.ts';

/** `npm run bench -- truth`: what everytoken and others report of streams whose every instant is known. */
export const run = async (args: string[]): Promise<number> => {
  const options = parseOptions(args);
  if (options.json !== undefined) checkWritable(options.json);
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  const loadBefore = loadavg();
  console.log(
    `${options.rate} tokens a second, ${options.tokens} tokens a stream, ${options.rounds} rounds, seed ${options.seed}, warm-up not counted · ` +
      `node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'CPU'}, load ${told(loadBefore)}`,
  );
  let shown = '';
  const samples = await measure(options, (done, turns, { round }) => {
    const now = `${Math.floor((20 * done) / turns) * 5}%`;
    if (now === shown) return;
    shown = now;
    console.log(`round ${round} of ${options.rounds} · ${now} · ${seconds()}`);
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
  const load = { before: loadBefore, after: loadavg() };
  console.log(`\n${verdict.join('\n')}`);
  console.log(
    `Load of the machine: ${told(load.before)} before, ${told(load.after)} after; ${seconds()} in all.`,
  );
  if (options.json !== undefined) writeJson(options.json, { options, load, lines, verdict });
  return 0;
};

const told = (load: number[]): string => load.map((value) => value.toFixed(1)).join(' ');

const writeJson = (file: string, results: { lines: Line[] } & Record<string, unknown>): void =>
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);

/** Before the minutes of measuring, not after them. */
const checkWritable = (file: string): void => {
  const folder = dirname(resolve(file));
  try {
    accessSync(`${folder}${sep}`, constants.W_OK);
  } catch {
    throw new UsageError(`--json: nothing can be written to ${folder}`);
  }
};
