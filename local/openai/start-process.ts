import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OpenaiOptions, OpenaiServer } from './server.ts';

const START_TIMEOUT_MS = 30_000;
const EXIT_TIMEOUT_MS = 1_500;

/**
 * Starts the OpenAI server in a process of its own, so that nothing else disturbs its pace. It exits with this process,
 * even after kill -9.
 *
 * @throws {Error} when the server does not start; an `AbortError` when it takes longer than 30 s.
 */
export const startOpenaiProcess = async (options: OpenaiOptions): Promise<OpenaiServer> => {
  const child = fork(fileURLToPath(new URL('process.ts', import.meta.url)), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(options, () => {}); // a process that has ended is reported below
  const exited = once(child, 'exit');
  const close = async () => {
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), EXIT_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(START_TIMEOUT_MS) }),
      exited.then(() => [{ error: 'it ended at once' }]),
    ]);
    if (message.error !== undefined)
      throw new Error(`the local OpenAI server did not start: ${message.error}`);
    return { url: message.url, apiKey: message.apiKey, close };
  } catch (error) {
    await close();
    throw error;
  }
};
