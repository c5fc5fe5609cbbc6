import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Invocation, Outcome } from './outcome.ts';
import { startRuntimeApi } from './runtime-api.ts';

export type SandboxOptions = {
  /** The file of aws-lambda-ric that a container would start. */
  ric: string;
  /** The unpacked bundle: what is at /var/task on Lambda. */
  folder: string;
  handler: string;
  arn: string;
  timeoutMs: number;
  memoryMb: number;
  /** Everything the function finds in its environment, but for the Runtime API's address. */
  environment: Record<string, string>;
};

/** One execution environment: a process of AWS's runtime client, frozen whenever it has no event in hand. */
export type Sandbox = {
  initialised: Promise<void>;
  /** One event at a time, others wait. Rejects when the process ends, or runs longer than its time-out and is killed for it. */
  invoke: (event: unknown, options?: Partial<Omit<Invocation, 'event'>>) => Promise<Outcome>;
  /** What the function wrote, line by line. */
  lines: string[];
  close: () => Promise<void>;
};

/** What Lambda's own start of Node leaves to the heap of objects that last. */
const HEAP_SHARE = 0.9;

/** X-Ray's header: Lambda sends one with every event. */
export const TRACE_ID = 'Root=1-6921b1c0-5e1d2f3a4b5c6d7e8f901234;Parent=53995c3f42cd8ad8;Sampled=1';

/**
 * Starts a bundle as Lambda does. Between events the process gets SIGSTOP, as Lambda freezes it: what an answer left
 * running stands still until the next event, so that it is seen to be missing.
 */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const { ric, folder, handler, arn, timeoutMs, memoryMb, environment } = options;
  const api = await startRuntimeApi({ onIdle: () => signal('SIGSTOP'), onWake: () => signal('SIGCONT') });
  const child = spawn(process.execPath, [`--max-old-space-size=${Math.floor(memoryMb * HEAP_SHARE)}`, ric], {
    cwd: folder,
    env: {
      ...environment,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: folder,
      AWS_LAMBDA_RUNTIME_API: api.address,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => child.kill(name);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  // A frozen process would outlast this one.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit').then(([code, name]) => {
    api.ended(new Error(`the process ended (${name ?? `status ${code}`}): ${lines.at(-1) ?? 'no word'}`));
  });

  const run: Sandbox['invoke'] = async (event, own = {}) => {
    const limitMs = own.timeoutMs ?? timeoutMs;
    const timer = setTimeout(() => {
      api.ended(new Error(`Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`));
      kill();
    }, limitMs);
    try {
      return await api.invoke({
        arn,
        traceId: TRACE_ID,
        timeoutMs: limitMs,
        ...own,
        event: JSON.stringify(event),
      });
    } finally {
      clearTimeout(timer);
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  return {
    initialised: api.initialised,
    lines,
    invoke: (event, own) => {
      const outcome = last.then(() => run(event, own));
      last = outcome.catch(() => {});
      return outcome;
    },
    close: async () => {
      process.off('exit', kill);
      kill();
      await exited;
      await api.close();
    },
  };
};
