import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';

const root = join(import.meta.dirname, '../..');

export type Ended = { status: number; out: string; err: string };

/** Runs the command line in a process of its own, on a data folder, with these variables only, and this input. */
export const runEverytoken = async (
  args: string[],
  dataDir: string,
  variables: Record<string, string> = {},
  input?: string,
): Promise<Ended> => {
  const child = spawn(process.execPath, [join(root, 'cli/everytoken.ts'), ...args], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      AWS_ENDPOINT_URL_DYNAMODB: '',
      EVERYTOKEN_DATA_DIR: dataDir,
      ...variables,
    },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  const printed = { out: '', err: '' };
  child.stdout?.on('data', (bytes) => (printed.out += bytes));
  child.stderr?.on('data', (bytes) => (printed.err += bytes));
  const [status] = await once(child, 'close');
  return { status, ...printed };
};

type Case = [ended: Promise<Ended>, message: RegExp];

/** Expects that each ends with status 1, nothing on stdout, and one matching line on stderr below the deployment's. */
export const expectRefusals = (cases: Case[]): Promise<void> =>
  expectErrors(cases, 1, /^(· [^\n]+\n)?error: [^\n]+\n$/);

/** Expects that each ends with status 2, as for a wrong command line, with nothing on stdout and a matching message. */
export const expectMisuses = (cases: Case[]): Promise<void> =>
  expectErrors(cases, 2, /^(· [^\n]+\n)?error: /);

const expectErrors = async (cases: Case[], expected: number, form: RegExp): Promise<void> => {
  for (const [ended, message] of cases) {
    const { status, out, err } = await ended;
    expect([status, out]).toEqual([expected, '']);
    expect(err).toMatch(form);
    expect(err).toMatch(message);
  }
};
