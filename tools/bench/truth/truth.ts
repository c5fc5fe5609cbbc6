import { accessSync, constants, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname, resolve, sep } from 'node:path';
import { UsageError } from '../../command.ts';
import { runClientsPart } from './clients-part.ts';
import { parseOptions } from './options.ts';
import { runPathPart } from './path/path-part.ts';

/**
 * `npm run bench -- truth`: compares the figures that everytoken and other clients report with the truth, on streams
 * whose every instant is known. Resolves to the exit status.
 */
export const run = async (args: string[]): Promise<number> => {
  const options = parseOptions(args);
  if (options.json !== undefined) checkWritable(options.json);
  const startedAt = performance.now();
  const before = loadavg();
  console.log(
    `${options.rate} tokens a second, ${options.tokens} tokens a stream, ${options.rounds} rounds, seed ${options.seed}, warm-up not counted · ` +
      `node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'CPU'}, load ${formatLoad(before)}`,
  );
  const clients = options.parts.includes('clients') ? await runClientsPart(options) : undefined;
  const path = options.parts.includes('path') ? await runPathPart(options) : undefined;
  const load = { before, after: loadavg() };
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(
    `Load of the machine: ${formatLoad(load.before)} before, ${formatLoad(load.after)} after; ${seconds} s in all.`,
  );
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ options, load, ...clients, path }, null, 2)}\n`);
  }
  return 0;
};

const formatLoad = (load: number[]): string => load.map((value) => value.toFixed(1)).join(' ');

/** Fails before the minutes of measuring rather than after them. */
const checkWritable = (file: string): void => {
  const folder = dirname(resolve(file));
  try {
    accessSync(`${folder}${sep}`, constants.W_OK);
  } catch {
    throw new UsageError(`--json: nothing can be written to ${folder}`);
  }
};
