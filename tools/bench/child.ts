import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

type Reply = { answer: unknown } | { error: string };

export type Child<Question, Answer> = {
  /** Allows one question at a time. Rejects with the child's error, or when the child ends before it answers. */
  ask(question: Question): Promise<Answer>;
  end(): Promise<void>;
};

const END_LIMIT_MS = 1_500;

/**
 * Runs a TypeScript file as a child process that answers questions through `answerParent`. The child ends with this
 * process. It inherits only `PATH`, so that no real key, proxy or tracing affects a benchmark. `execArgv` are Node's flags.
 *
 * @example
 * const child = startChild<{ take: number[] }, Truth[]>(new URL('./server-process.ts', import.meta.url), '{}');
 * const truths = await child.ask({ take: [1] });
 * await child.end();
 */
export const startChild = <Question extends object, Answer>(
  file: URL,
  argument: string,
  { execArgv = [] }: { execArgv?: readonly string[] } = {},
): Child<Question, Answer> => {
  const child = fork(fileURLToPath(file), [argument], {
    execArgv: [...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  });
  const exited = once(child, 'exit');
  return {
    async ask(question) {
      child.send(question);
      const [reply] = (await Promise.race([
        once(child, 'message'),
        exited.then(([code]) => [{ error: `${file.pathname} ended with ${code}` }]),
      ])) as [Reply];
      if ('error' in reply) throw new Error(reply.error);
      return reply.answer as Answer;
    },
    async end() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
};

/**
 * Answers the questions of the parent process, and exits when the channel to the parent closes. Ignores Ctrl-C, which
 * reaches the whole process group: the parent handles it.
 */
export const answerParent = <Question>(answer: (question: Question) => Promise<unknown> | unknown): void => {
  const send = (reply: Reply): void => void process.send?.(reply);
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (question: Question) => {
    try {
      send({ answer: await answer(question) });
    } catch (error) {
      send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
};
