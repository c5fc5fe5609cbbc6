import { parseArgs } from 'node:util';
import { MAX_PROMPTS } from '../../../lib/files/formats/format-of-key.ts';
import { UsageError } from '../usage-error.ts';

/** `lines` go through intake and assembly, `generate` lines are generated as well; 0 leaves that part out. */
export type Options = { lines: number; generate: number };

const USAGE = 'usage: npm run bench -- files [--lines 100000] [--generate 5000]';

/** The options of a command line. Throws `UsageError` for anything unknown or out of range. */
export const parseOptions = (args: string[]): Options => {
  const { lines, generate } = valuesOf(args);
  return { lines: count('lines', lines), generate: count('generate', generate) };
};

const valuesOf = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        lines: { type: 'string', default: '100000' },
        generate: { type: 'string', default: '5000' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
};

const count = (flag: string, text: string): number => {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= MAX_PROMPTS) return number;
  throw new UsageError(`--${flag}: "${text}" is no whole number from 0 to ${MAX_PROMPTS}\n${USAGE}`);
};
