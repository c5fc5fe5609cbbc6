import { MAX_PROMPTS } from '../../../lib/files/formats/format-of-key.ts';
import { readFlags, wholeNumber } from '../../command.ts';

/** `lines` go through intake and assembly, `generate` lines are generated as well; 0 leaves that part out. */
export type Options = { lines: number; generate: number };

const USAGE = 'usage: npm run bench -- files [--lines 100000] [--generate 5000]';

/** The options of a command line. Throws `UsageError` for anything unknown or out of range. */
export const parseOptions = (args: string[]): Options => {
  const flags = {
    lines: { type: 'string', default: '100000' },
    generate: { type: 'string', default: '5000' },
  } as const;
  const { lines, generate } = readFlags(args, flags, USAGE);
  const range = { least: 0, most: MAX_PROMPTS, usage: USAGE };
  return { lines: wholeNumber('lines', lines, range), generate: wholeNumber('generate', generate, range) };
};
