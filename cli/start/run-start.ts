import { join, resolve } from 'node:path';
import { createClient } from '../../client/index.ts';
import { readSettings } from '../../local/settings.ts';
import { StackError } from '../../local/stack-error.ts';
import { type Stack, startStack } from '../../local/start-stack.ts';
import { CommandError, ROOT } from '../command.ts';
import { explain } from '../explain-error.ts';
import { makeScreen } from '../terminal/screen.ts';
import { upgradeTable } from '../upgrade-table.ts';
import { showBanner, shownPath, showServices, showVariables } from './banner.ts';
import { makeBoard } from './board.ts';
import { checkSettings } from './check-settings.ts';
import { dropLineOf } from './drop-lines.ts';
import { endOnSignal } from './end-on-signal.ts';
import { endOfComparison, endOfFile, unfinished } from './progress-lines.ts';
import { followWork, type Work } from './work.ts';

export type StartOptions = {
  verbose?: true | undefined;
  port?: number | undefined;
  dataDir?: string | undefined;
};

/**
 * Runs the local stack until Ctrl-C, and shows what it works on. It ends the process itself: 0 after Ctrl-C, 1 when the
 * stack does not start.
 */
export const runStart = async ({ verbose, port, dataDir: folder }: StartOptions): Promise<void> => {
  const startedAt = performance.now();
  const screen = makeScreen(process.stdout, process.env);
  const board = makeBoard(screen, { verbose: verbose === true });
  const stop = new AbortController();
  let starting: Promise<Stack> | undefined;
  let following: ReturnType<typeof followWork> | undefined;
  let inHand: Work = { files: [], comparisons: [] };

  const ending = endOnSignal(async () => {
    stop.abort();
    board.close();
    const left = unfinished(inHand);
    screen.line();
    screen.line('ending…');
    if (left.length > 0) screen.entry('unfinished', ...left, 'the next start goes on with them');
    await (await starting)?.close();
  }, 0);

  const start = async () => {
    const settings = readSettings(ROOT, {
      ...process.env,
      ...(port !== undefined && { PORT: `${port}` }),
      ...(folder !== undefined && { EVERYTOKEN_DATA_DIR: resolve(folder) }),
    });
    const { dataDir, variables } = settings;
    checkSettings(variables);
    screen.line(screen.bold('everytoken · local stack'));
    starting = startStack({
      ...settings,
      root: ROOT,
      log: board.log,
      onOutside: (outside) => {
        showServices(screen, outside);
        showVariables(screen, variables);
        screen.line();
      },
      onReady: (part) => screen.write(`${screen.good('✓')} ${part} `),
      onDrop: (event) => {
        const { text, isWarning, isQuiet } = dropLineOf(event);
        if (verbose || !isQuiet) board.stay(text, isWarning ? 'attention' : undefined);
        if (event.type === 'taken_in') following?.wake();
      },
      prepareTable: upgradeTable(dataDir, showUpgrade(screen.write)),
    });
    const stack = await starting;
    screen.line(` ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    screen.line();
    showBanner(screen, { stack, dataDir, env: process.env });
    board.open();
    const place = join(shownPath(dataDir), 'results');
    following = followWork(
      createClient({ baseUrl: stack.api, apiKey: stack.credentials.api ?? undefined }),
      {
        onLook: (found) => {
          inHand = found;
          board.work(found);
        },
        onFileEnd: (file) => board.end(endOfFile(file, place)),
        onComparisonEnd: (comparison) => board.end(endOfComparison(comparison)),
      },
      { signal: stop.signal },
    );
  };

  try {
    await start();
  } catch (error) {
    // An interrupted start needs no error: wait until the signal's handler ends the process.
    if (ending.isRequested()) await new Promise(() => {});
    if (starting) screen.line(); // ends the line of the parts that are up
    board.open();
    board.close();
    const isKnown = error instanceof StackError || error instanceof CommandError;
    if (verbose && !isKnown) console.error(error);
    process.exit(explain(error));
  }
};

/** Prints every thousandth upgraded run, and how many there were. */
const showUpgrade = (write: (text: string) => void) => {
  let upgraded = 0;
  return ({ runs }: { runs: number }, isDone: boolean): void => {
    if (upgraded === 0) write('· upgrading stored runs ');
    if (isDone) write(`${runs} `);
    else if (Math.floor(runs / 1_000) > Math.floor(upgraded / 1_000)) write(`${runs}… `);
    upgraded = runs;
  };
};
