import type { Reply } from './child.ts';

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
