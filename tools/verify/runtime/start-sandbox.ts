import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Invocation, Outcome } from './outcome.ts';
import { startRuntimeApi } from './runtime-api.ts';

export type SandboxOptions = {
  /** The path of aws-lambda-ric's entry file, which a container would start. */
  ric: string;
  /** The unpacked bundle, which is at /var/task on Lambda. */
  folder: string;
  handler: string;
  arn: string;
  timeoutMs: number;
  memoryMb: number;
  /** The function's environment variables, without the address of the Runtime API. */
  environment: Record<string, string>;
};

/** One execution environment: a process of AWS's runtime client, which is frozen between events. */
export type Sandbox = {
  initialised: Promise<void>;
  /**
   * Processes one event at a time; others wait. Rejects when the process ends, or exceeds its timeout and is killed.
   */
  invoke: (event: unknown, options?: Partial<Omit<Invocation, 'event'>>) => Promise<Outcome>;
  /** The lines that the function wrote to stdout and stderr. */
  lines: string[];
  close: () => Promise<void>;
};

/** The share of memory that Lambda's start script of Node gives to the old space (`--max-old-space-size`). */
const HEAP_SHARE = 0.9;

/** An X-Ray trace header, which Lambda sends with every event. */
export const TRACE_ID = 'Root=1-6921b1c0-5e1d2f3a4b5c6d7e8f901234;Parent=53995c3f42cd8ad8;Sampled=1';

/**
 * Starts a bundle as Lambda does. Between events the process is stopped with SIGSTOP, as Lambda freezes it. Work that
 * continues after an answer stops until the next event, so that a check of its result fails.
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
  // A frozen process would outlive this one.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit').then(([code, name]) => {
    api.ended(new Error(`the process ended (${name ?? `status ${code}`}): ${lines.at(-1) ?? 'no output'}`));
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
