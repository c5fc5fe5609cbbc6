import { createInterface } from 'node:readline/promises';

/** Whether a person can be asked: both ends are terminals. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks a question on standard error; only `y` and `yes` are a yes. Throws the signal's reason on Ctrl-C. */
export const confirm = async (question: string, signal: AbortSignal): Promise<boolean> => {
  // The terminal keeps its own line editing, so that Ctrl-C stays a signal to this process.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const answer = await Promise.race([
      lines.question(`${question} [y/N] `, { signal }),
      // The end of the input (Ctrl-D) is a no.
      new Promise<string>((resolve) => lines.once('close', () => resolve(''))),
    ]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
};
