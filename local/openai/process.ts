import { startOpenai } from './server.ts';

/**
 * The server as a forked child process. The first argument holds its options as JSON. It sends `{url}` once it listens,
 * or `{error}` and exits with 1. It ignores Ctrl-C, which reaches the whole process group, and exits when the channel
 * to its parent closes. `EVERYTOKEN_LOCAL_BATCH_LINES` makes batches expire after so many lines.
 */
const run = async (): Promise<void> => {
  if (process.send) process.on('SIGINT', () => undefined);
  const gone = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const send = (message: { url: string } | { error: string }): void => void process.send?.(message);
  try {
    const maxLines = Number(process.env.EVERYTOKEN_LOCAL_BATCH_LINES || Number.NaN);
    const server = await startOpenai({
      ...JSON.parse(process.argv[2] ?? '{}'),
      ...(Number.isNaN(maxLines) ? {} : { batchMaxLines: maxLines }),
    });
    send({ url: server.url });
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
