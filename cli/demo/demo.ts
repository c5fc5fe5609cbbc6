import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../client/index.ts';
import { keepFilesPrivate } from '../../local/data-folder.ts';
import { readSettings } from '../../local/settings.ts';
import { StackError } from '../../local/stack-error.ts';
import { type Stack, startStack } from '../../local/start-stack.ts';
import { CommandError, ROOT } from '../command.ts';
import { explain } from '../explain-error.ts';
import { showDemoHeadline } from '../start/banner.ts';
import { checkSettings } from '../start/check-settings.ts';
import { endOnSignal } from '../start/end-on-signal.ts';
import { makeScreen } from '../terminal/screen.ts';
import { upgradeTable } from '../upgrade-table.ts';
import { DEMO_FOLDER, emptyDemoFolder } from './empty-folder.ts';
import { runDemo, TUTORIAL_PROMPT } from './run-demo.ts';

/** Starts a stack in a data folder of its own, shows the tutorial's main job on it, and ends the process. */
export const demo = async (prompt: string): Promise<void> => {
  let starting: Promise<Stack> | undefined;
  const close = async () => (await starting)?.close();
  const ending = endOnSignal(close);
  // When the reader of stdout closes (`| head`), end the demo as Ctrl-C does.
  process.stdout.removeAllListeners('error').on('error', () => void ending.end(1));

  const show = async () => {
    const startedAt = performance.now();
    const settings = readSettings(ROOT, process.env, { dataDir: DEMO_FOLDER });
    const { variables, dataDir, pace } = settings;
    checkSettings(variables);
    keepFilesPrivate();
    emptyDemoFolder(dataDir, variables.EVERYTOKEN_DATA_DIR === undefined);
    const screen = makeScreen(process.stdout, process.env);

    let ready = 0;
    starting = startStack({
      ...settings,
      root: ROOT,
      prepareTable: upgradeTable(dataDir), // notes the version of its new table, as npm start does
      port: variables.PORT === undefined ? 0 : settings.port,
      log: appendTo(join(dataDir, 'demo.log')),
      onOutside: (outside) => {
        showDemoHeadline(screen, outside, pace);
        if (screen.isLive) screen.write(screen.dim('starting; the first start packages the functions…'));
      },
      onReady: (part) => {
        if (screen.isLive && ready === 0) screen.write('\r\x1b[2K');
        ready += 1;
        screen.write(`${screen.good('✓')} ${part} `);
      },
    });
    const stack = await starting;
    screen.line(` ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    await runDemo(prompt || TUTORIAL_PROMPT, {
      stack,
      dataDir,
      screen,
      client: createClient({ baseUrl: stack.api, apiKey: stack.credentials.api ?? undefined }),
      pineconeKey: stack.credentials.pinecone ?? variables.PINECONE_API_KEY ?? 'none',
    });
  };

  try {
    await show();
    await close();
  } catch (error) {
    await close().catch(() => {});
    if (!ending.isRequested()) {
      const isKnown = error instanceof StackError || error instanceof CommandError;
      console.error();
      process.exitCode = explain(
        isKnown ? error : new CommandError(`the demo failed: ${(error as Error).message}`),
      );
    }
  }
  // After a signal, `ending` exits with its own status.
  if (!ending.isRequested()) process.exit();
};

/** Appends lines to a file. A full disk ends the log, not the demo. */
const appendTo = (file: string) => (line: string) => {
  try {
    appendFileSync(file, `${line}\n`);
  } catch {}
};
