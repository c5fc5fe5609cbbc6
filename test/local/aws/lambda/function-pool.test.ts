import { afterEach, expect, test } from 'vitest';
import {
  type FunctionPool,
  type FunctionPoolOptions,
  makeFunctionPool,
} from '../../../../local/aws/lambda/function-pool.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { writeBundles } from '../small-stack.ts';

const lines: string[] = [];
let pool: FunctionPool;
afterEach(() => pool.close(0));

/** A pool with one function `F` of this code. */
const start = (code: string, options: Partial<FunctionPoolOptions> = {}): FunctionPool => {
  const fn = {
    ...{
      id: 'F',
      name: 'f',
      arn: 'arn:f',
      handler: 'functions/main.handler',
      timeoutMs: 20_000,
      memoryMb: 128,
    },
    environment: () => ({}),
  };
  pool = makeFunctionPool({
    functions: new Map([['F', fn]]),
    bundles: writeBundles({ F: code }),
    environmentOf: () => ({ PATH: process.env.PATH ?? '' }),
    limitOf: () => 2,
    idleMs: 60_000,
    cacheFolder: temporaryFolder(),
    log: (line) => lines.push(line),
    ...options,
  });
  return pool;
};

// Two concurrent events in one environment would show in `busy`.
const counting = `
let busy = 0;
export const handler = async ({ ms }) => {
  busy += 1;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return { pid: process.pid, busy: busy-- };
};`;

test('a pool runs one event at a time in an environment, and no more environments than allowed', async () => {
  start(counting);
  const answers = await Promise.all(Array.from({ length: 7 }, () => pool.invoke('F', { ms: 5 })));
  const parsed = answers.map((answer) => JSON.parse(answer ?? ''));
  expect(parsed.map(({ busy }) => busy)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(new Set(parsed.map(({ pid }) => pid)).size).toBeLessThanOrEqual(2);
});

test('a pool tells of each environment once, before its first event, and replaces one that ended', async () => {
  const told: { functionId: string; pid: number | undefined; exited: Promise<void>; kill: () => void }[] = [];
  start(counting, { onReady: (functionId, environment) => told.push({ functionId, ...environment }) });
  const pidOf = async () => JSON.parse((await pool.invoke('F', { ms: 0 })) ?? '').pid;
  const first = await pidOf();
  expect(await pidOf()).toBe(first);
  expect(told).toMatchObject([{ functionId: 'F', pid: first }]);
  told[0]?.kill();
  await told[0]?.exited;
  const second = await pidOf();
  expect(second).not.toBe(first);
  expect(told[1]?.pid).toBe(second);
});

test('a pool retires an idle environment', async () => {
  start(counting, { idleMs: 10 });
  const { pid } = JSON.parse((await pool.invoke('F', { ms: 0 })) ?? '');
  await pollUntil('the end of its process', () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
  expect(JSON.parse((await pool.invoke('F', { ms: 0 })) ?? '').pid).not.toBe(pid);
});

test.each([
  [
    'a bundle that throws while loading',
    `throw new RangeError('bad start'); export const handler = 1;`,
    'RangeError',
    'bad start',
  ],
  [
    'a missing handler',
    'export const other = 1;',
    'Runtime.HandlerNotFound',
    'functions/main.handler is undefined or not exported',
  ],
  ['a missing import', `import 'not-there'; export const handler = 1;`, 'Error', 'not-there'],
])(
  'a pool fails on %s like Lambda, and tries again with the next event',
  async (_, code, errorType, message) => {
    start(code);
    for (const _attempt of [1, 2]) {
      await expect(pool.invoke('F', {})).rejects.toMatchObject({
        errorType,
        message: expect.stringContaining(message),
      });
    }
    expect(lines.at(-1)).toContain(`f: ${errorType}: `);
  },
);

test('a pool keeps a handler’s answer even if the process ends right after it', async () => {
  start(
    `export const handler = async () => { setImmediate(() => setImmediate(() => process.exit(0))); return 'said'; };`,
  );
  expect(await pool.invoke('F', {})).toBe('"said"');
});

test('a closing pool lets a running event end within the grace period, and rejects waiting ones', async () => {
  start(counting, { limitOf: () => 1 });
  await pool.warm('F');
  const running = pool.invoke('F', { ms: 100 });
  const waiting = pool.invoke('F', { ms: 0 });
  const turnedAway = expect(waiting).rejects.toMatchObject({ errorType: 'Sandbox.Stopped' });
  await pool.close(5_000);
  expect(JSON.parse((await running) ?? '').busy).toBe(1);
  await turnedAway;
});

test('a pool keeps its environments through the interrupt that Ctrl-C sends to every process', async () => {
  start(counting);
  const { pid } = JSON.parse((await pool.invoke('F', { ms: 0 })) ?? '');
  process.kill(pid, 'SIGINT');
  expect(JSON.parse((await pool.invoke('F', { ms: 20 })) ?? '').pid).toBe(pid);
});

test('a pool gives the handler Lambda’s context', async () => {
  start(
    `export const handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });`,
  );
  const context = JSON.parse((await pool.invoke('F', {}, { requestId: 'r-1' })) ?? '');
  expect(context).toMatchObject({
    awsRequestId: 'r-1',
    invokedFunctionArn: 'arn:f',
    functionVersion: '$LATEST',
  });
  expect(context.left).toBeLessThanOrEqual(20_000);
});
