import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepFilesPrivate } from '../local/data-folder.ts';
import { readSettings } from '../local/settings.ts';
import { StackError } from '../local/stack-error.ts';
import { type Stack, startStack } from '../local/start-stack.ts';
import { CommandError, ROOT } from './command.ts';
import { makeApiClient } from './demo/client.ts';
import { DEMO_FOLDER, emptyDemoFolder } from './demo/empty-folder.ts';
import { runDemo, TUTORIAL_PROMPT } from './demo/run-demo.ts';
import { demoHeadline, endOnSignal } from './foreground-stack.ts';
import { printableLine } from './terminal/printable.ts';
import { makeScreen } from './terminal/screen.ts';

let starting: Promise<Stack> | undefined;
const close = async () => (await starting)?.close();

const demo = async (): Promise<void> => {
  const startedAt = performance.now();
  const prompt = process.argv.slice(2).join(' ').trim() || TUTORIAL_PROMPT;
  const settings = readSettings(ROOT, process.env, { dataDir: DEMO_FOLDER });
  const { variables, dataDir, pace } = settings;
  keepFilesPrivate();
  emptyDemoFolder(dataDir, variables.EVERYTOKEN_DATA_DIR === undefined);
  const screen = makeScreen(process.stdout, process.env);

  let ready = 0;
  starting = startStack({
    ...settings,
    root: ROOT,
    port: variables.PORT === undefined ? 0 : settings.port,
    log: appendTo(join(dataDir, 'demo.log')),
    onOutside: (outside) => {
      for (const line of demoHeadline(outside, pace)) screen.line(line);
      if (screen.isLive) screen.write(screen.dim('starting; the first start packages the functions…'));
    },
    onReady: (part) => {
      if (screen.isLive && ready === 0) screen.write('\r\x1b[2K');
      ready += 1;
      screen.write(`✓ ${part} `);
    },
  });
  const stack = await starting;
  screen.line(`  ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  const client = makeApiClient(stack.api, ownKey(variables.EVERYTOKEN_API_KEYS));
  await runDemo(prompt, {
    stack,
    client,
    screen,
    pineconeKey: stack.credentials.pinecone ?? variables.PINECONE_API_KEY ?? 'none',
  });
};

/** Appends lines to a file. A full disk ends the log, not the demo. */
const appendTo = (file: string) => (line: string) => {
  try {
    appendFileSync(file, `${line}\n`);
  } catch {}
};

/** The first secret of `caller:secret,…`. A stack with the user's own API keys requires one. */
const ownKey = (keys = ''): string | undefined => /^[\s,]*[^:,]+:([^,]+)/.exec(keys)?.[1]?.trim();

const ending = endOnSignal(close);
// When the reader of stdout closes (`| head`), end the demo as Ctrl-C does.
process.stdout.on('error', () => void ending.end(1));
try {
  await demo();
  await close();
} catch (error) {
  await close().catch(() => {});
  if (!ending.isRequested()) {
    const { message } = error as Error;
    const isOurs = error instanceof StackError || error instanceof CommandError;
    console.error(`\nerror: ${printableLine(isOurs ? message : `the demo failed: ${message}`)}`);
    process.exitCode = 1;
  }
}
// After a signal, `ending` exits with its own status.
if (!ending.isRequested()) process.exit();
