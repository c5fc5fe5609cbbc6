import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROCESS_FILE = fileURLToPath(new URL('./environment-process.ts', import.meta.url));
const INIT_TIMEOUT_MS = 30_000;

/**
 * The destination of a streamed answer. A pending `write` holds the function back; it never rejects.
 * `end` is called before the handler is done.
 */
export type ByteSink = { write: (chunk: Uint8Array) => Promise<void>; end: () => void };

export type EnvironmentOptions = {
  name: string;
  arn: string;
  handler: string;
  folder: string;
  cacheFolder: string;
  timeoutMs: number;
  environment: Record<string, string>;
  log: (line: string) => void;
};

/** A process that serves one event at a time. */
export type Environment = {
  /** The id of the process; `undefined` when it did not start. */
  pid: number | undefined;
  /** Resolves once the bundle is loaded; rejects with a FunctionError when it does not load. */
  ready: Promise<void>;
  /** Resolves to the handler's answer as JSON, or `undefined` when it streamed. Rejects with a FunctionError. */
  run: (event: string, requestId: string, sink: ByteSink) => Promise<string | undefined>;
  /** Whether the process can still serve events. */
  alive: () => boolean;
  exited: Promise<void>;
  kill: () => void;
};

/** An error as a Lambda function reports it. */
export type ReportedError = { errorType: string; errorMessage: string };

/** A failed invocation: the handler threw, or the process crashed, did not start or timed out. */
export class FunctionError extends Error {
  /** Lambda's name for the failure, such as `Sandbox.Timedout`. */
  readonly errorType: string;

  constructor({ errorType, errorMessage }: ReportedError) {
    super(errorMessage);
    this.name = 'FunctionError';
    this.errorType = errorType;
  }
}

/** A message from the stack to an environment's process. `deadline` is in ms since the epoch. */
export type ToEnvironment =
  | { type: 'invoke'; requestId: string; event: string; arn: string; deadline: number }
  | { type: 'taken'; bytes: number };

/** A message from an environment's process to the stack. */
export type FromEnvironment =
  | { type: 'ready' }
  | { type: 'init-failed'; error: ReportedError }
  | { type: 'chunk'; data: Uint8Array }
  | { type: 'ended' }
  | { type: 'done'; payload: string | undefined }
  | { type: 'failed'; error: ReportedError };

type Run = { sink: ByteSink; resolve: (payload: string | undefined) => void; reject: (error: Error) => void };

const logLines = (child: ChildProcess, name: string, log: (line: string) => void): void => {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => log(`${name}: ${line}`));
  }
};

/** Starts the process of one Lambda environment, which loads the bundle at once. Its output goes to `log` by lines. */
export const startEnvironment = (options: EnvironmentOptions): Environment => {
  const { name, arn, handler, folder, cacheFolder, timeoutMs, log } = options;
  const child = spawn(process.execPath, [PROCESS_FILE, folder, handler], {
    cwd: folder,
    env: { ...options.environment, NODE_COMPILE_CACHE: cacheFolder },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  logLines(child, name, log);

  let run: Run | undefined;
  let alive = true;
  let killedFor: ReportedError | undefined;
  const started = Promise.withResolvers<void>();
  started.promise.catch(() => {});
  const exited = Promise.withResolvers<void>();

  const stop = (error: ReportedError): void => {
    killedFor ??= error;
    alive = false;
    child.kill('SIGKILL');
  };
  const stopAfter = (ms: number, what: string): NodeJS.Timeout => {
    const errorMessage = `${what} timed out after ${(ms / 1000).toFixed(2)} seconds`;
    return setTimeout(() => stop({ errorType: 'Sandbox.Timedout', errorMessage }), ms);
  };
  const initTimer = stopAfter(INIT_TIMEOUT_MS, 'Init');

  const send = (message: ToEnvironment): void => {
    if (child.connected) child.send(message, () => {}); // a send that fails is followed by 'exit', which is handled
  };

  const pass = async (data: Uint8Array): Promise<void> => {
    const mine = run;
    await mine?.sink.write(data);
    if (run === mine) send({ type: 'taken', bytes: data.byteLength }); // a later event has its own count
  };

  child.on('message', (message: FromEnvironment) => {
    switch (message.type) {
      case 'ready':
        clearTimeout(initTimer);
        return started.resolve();
      case 'init-failed':
        killedFor = message.error;
        return;
      case 'chunk':
        return void pass(message.data);
      case 'ended':
        return run?.sink.end();
      case 'done':
        return run?.resolve(message.payload);
      case 'failed':
        return run?.reject(new FunctionError(message.error));
    }
  });

  const conclude = (how: string): void => {
    clearTimeout(initTimer);
    alive = false;
    const error = new FunctionError(
      killedFor ?? { errorType: 'Runtime.ExitError', errorMessage: `Runtime exited ${how}` },
    );
    started.reject(error);
    run?.reject(error);
    exited.resolve();
  };
  child.on('error', (error) => conclude(`before it began: ${error.message}`));
  child.on('exit', (code, signal) => {
    alive = false;
    const how = signal ? `by ${signal}` : `with exit status ${code}`;
    // Its last messages may still be in the channel.
    if (child.connected) child.once('disconnect', () => conclude(how));
    else conclude(how);
  });

  return {
    pid: child.pid,
    ready: started.promise,
    exited: exited.promise,
    alive: () => alive,
    kill: () => stop({ errorType: 'Sandbox.Stopped', errorMessage: 'The local stack is stopping' }),
    run: async (event, requestId, sink) => {
      if (!alive) throw new FunctionError({ errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited' });
      const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
      run = { sink, resolve, reject };
      const timer = stopAfter(timeoutMs, 'Task');
      send({ type: 'invoke', requestId, event, arn, deadline: Date.now() + timeoutMs });
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        run = undefined;
      }
    },
  };
};
