import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

type Reply = { answer: unknown } | { error: string };

export type Child<Question, Answer> = {
  /** One question at a time. Rejects with what the child says went wrong, or when it ends. */
  ask(question: Question): Promise<Answer>;
  end(): Promise<void>;
};

const END_LIMIT_MS = 1_500;

/**
 * A TypeScript file in a process of its own that answers questions (see `answerParent`); it ends with this process. It
 * gets no environment but PATH, so that no real key, proxy or tracing is at work.
 */
export const startChild = <Question extends object, Answer>(
  file: URL,
  argument: string,
): Child<Question, Answer> => {
  const child = fork(fileURLToPath(file), [argument], {
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
 * Answers the questions of the process that forked this one, and ends when the channel to it closes. Ctrl-C reaches
 * the whole process group and is the parent's business.
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
