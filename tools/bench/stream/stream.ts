import { loadavg } from 'node:os';
import { exitOnSignal } from '../../command.ts';
import { checkWritable, writeJson } from '../json-file.ts';
import { loadLine, machineLine, machineOf } from '../machine.ts';
import { measure } from './measure.ts';
import { parseOptions } from './options.ts';
import { linesOf, MEASURES } from './results.ts';
import { legend, tableOf } from './table.ts';

const PACKAGES = [
  'eventsource-parser',
  'openai',
  'ai',
  '@ai-sdk/openai-compatible',
  '@langchain/core',
  '@langchain/openai',
];

const PROGRESS_EVERY = 10;

/**
 * `npm run bench -- stream`: the CPU and the time by the clock that reading a streamed answer costs, by everytoken and by
 * others, in microseconds a token. Resolves to the exit status.
 */
export const run = async (args: string[]): Promise<number> => {
  const options = parseOptions(args);
  const { json, readers, shapes, rounds, answers, events } = options;
  checkWritable(json);
  exitOnSignal();
  const machine = machineOf(PACKAGES);
  const before = loadavg();
  console.log(machineLine(machine));
  console.log(
    `${rounds} rounds; in each, every reader has a process of its own for each shape, which warms up and then reads ${answers} answers of ${events} events`,
  );
  const samples = await measure(options, (done, turns, { round }) => {
    if (done % PROGRESS_EVERY === 0)
      console.log(`round ${round} of ${rounds} · turn ${done + 1} of ${turns}`);
  });
  const lines = linesOf(samples);
  console.log(
    `\nMedians of the rounds; in brackets: times fetch + eventsource-parser of the same round.\n\n${legend(readers, shapes).join('\n')}`,
  );
  for (const measured of MEASURES)
    for (const streams of options.streams)
      console.log(`\n${tableOf(lines, { measure: measured, streams, shapes })}`);
  console.log(`\nLoad of the machine: ${loadLine(before)} before, ${loadLine()} after.`);
  writeJson(json, { machine, options, load: { before, after: loadavg() }, lines, samples });
  return 0;
};
