import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The result of one check of a client; `message` says why it failed. */
export type CheckResult = { check: string; passed: boolean; message?: string };

export type Command = readonly [string, ...string[]];

/** Far more than any program needs: every wait is for a model without pace. */
const LIMIT_MS = 120_000;
const MAX_MESSAGE = 300;

/** Runs a program without the user's variables, from which clients read keys and addresses; returns what it prints. */
const outputOf = async ([command, ...args]: Command, variables: Record<string, string>): Promise<string> => {
  const { PATH, HOME, PYTHONPATH = '' } = process.env;
  const { stdout } = await promisify(execFile)(command, args, {
    timeout: LIMIT_MS,
    env: { PATH, HOME, PYTHONPATH, ...variables },
  });
  return stdout;
};

/**
 * Runs the program of a client against a model of the API at `baseUrl`, and reads a result from each line of JSON that it
 * prints. A program that breaks off has failed the check `program`.
 */
export const tryClient = async (
  command: Command,
  { baseUrl, model }: { baseUrl: string; model: string },
): Promise<CheckResult[]> => {
  try {
    const output = await outputOf(command, { CLIENT_BASE_URL: baseUrl, CLIENT_MODEL: model });
    return output
      .split('\n')
      .filter((line) => line.startsWith('{"check"'))
      .map((line) => JSON.parse(line));
  } catch (error) {
    return [{ check: 'program', passed: false, message: reasonOf(error) }];
  }
};

/** Runs a program from a document, which has to print something. */
export const trySnippet = async (command: Command, name: string): Promise<CheckResult> => {
  const check = `snippet ${name}`;
  try {
    const output = await outputOf(command, {});
    return output.trim() === ''
      ? { check, passed: false, message: 'it prints nothing' }
      : { check, passed: true };
  } catch (error) {
    return { check, passed: false, message: reasonOf(error) };
  }
};

const reasonOf = (error: unknown): string => {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  return (lines.find((line) => /Error/.test(line)) ?? lines[0] ?? '').slice(0, MAX_MESSAGE);
};
