import { basename, delimiter, dirname } from 'node:path';
import { IS_CHECKOUT } from './command.ts';

/**
 * The words that start this command line where a person has just started it, for hints of a next command: in a checkout
 * no shell finds `everytoken`, but `npx` does.
 *
 * @param script the path of the program as it was started (`process.argv[1]`)
 */
export const programName = (
  script: string,
  env: Record<string, string | undefined>,
  isCheckout: boolean,
): string => {
  if (env.npm_command === 'exec') return 'npx everytoken';
  const folders = (env.PATH ?? '').split(delimiter);
  const isFound = basename(script) === 'everytoken' && folders.includes(dirname(script));
  return isCheckout && !isFound ? 'npx everytoken' : 'everytoken';
};

export const PROGRAM = programName(process.argv[1] ?? '', process.env, IS_CHECKOUT);
