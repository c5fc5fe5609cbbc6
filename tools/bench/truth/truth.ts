import { loadavg } from 'node:os';
import { checkWritable, writeJson } from '../json-file.ts';
import { loadLine, machineLine, machineOf } from '../machine.ts';
import { runClientsPart } from './clients-part.ts';
import { parseOptions } from './options.ts';
import { runPathPart } from './path/path-part.ts';

/**
 * `npm run bench -- truth`: compares the figures that everytoken and other clients report with the truth, on streams
 * whose every instant is known. Resolves to the exit status.
 */
export const run = async (args: string[]): Promise<number> => {
  const options = parseOptions(args);
  checkWritable(options.json);
  const machine = machineOf(['openai', 'ai', '@ai-sdk/openai-compatible', '@langchain/openai']);
  const startedAt = performance.now();
  const before = loadavg();
  console.log(machineLine(machine));
  console.log(
    `${options.rate} tokens a second, ${options.tokens} tokens a stream, ${options.rounds} rounds, seed ${options.seed}, warm-up not counted`,
  );
  const clients = options.parts.includes('clients') ? await runClientsPart(options) : undefined;
  const path = options.parts.includes('path') ? await runPathPart(options) : undefined;
  const load = { before, after: loadavg() };
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(
    `Load of the machine: ${loadLine(load.before)} before, ${loadLine(load.after)} after; ${seconds} s in all.`,
  );
  writeJson(options.json, { machine, options, load, ...clients, path });
  return 0;
};
