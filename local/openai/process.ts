import { once } from 'node:events';
import { startOpenai } from './server.ts';

/**
 * The server as a forked child process. The first message holds its options, since every user of the machine can read a
 * process's arguments, and one option is a key. It sends `{url, apiKey}` once it listens,
 * or `{error}` and exits with 1. It ignores Ctrl-C, which reaches the whole process group, and exits when the channel
 * to its parent closes. `EVERYTOKEN_LOCAL_BATCH_LINES` makes batches expire after so many lines.
 */
const run = async (): Promise<void> => {
  if (process.send) process.on('SIGINT', () => undefined);
  const gone = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const send = (message: { url: string; apiKey: string } | { error: string }): void =>
    void process.send?.(message);
  try {
    const [options] = await once(process, 'message');
    const maxLines = Number(process.env.EVERYTOKEN_LOCAL_BATCH_LINES || Number.NaN);
    const server = await startOpenai({
      ...options,
      ...(Number.isNaN(maxLines) ? {} : { batchMaxLines: maxLines }),
    });
    send({ url: server.url, apiKey: server.apiKey });
    await gone;
    await server.close();
    process.exit(0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.exitCode = 1;
    send({ error: message });
    process.disconnect?.();
  }
};

await run();
