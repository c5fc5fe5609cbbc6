import { readSettings } from '../local/settings.ts';
import { StackError } from '../local/stack-error.ts';
import { type Stack, startStack } from '../local/start-stack.ts';
import { visible } from '../local/visible.ts';
import { ROOT } from './command.ts';
import { endOnSignal, formatLogLine, serviceLines } from './foreground-stack.ts';
import { upgradeTable } from './upgrade-table.ts';

const print = (line: string) => console.log(line);

// Function logs are held back until the addresses are printed. A terminal gets them formatted, a pipe gets them raw.
let held: string[] | undefined = [];
const printLog = (line: string): void => {
  if (held) {
    held.push(line);
    return;
  }
  const shown = process.stdout.isTTY ? formatLogLine(line) : line;
  if (shown !== undefined) print(shown);
};
const printHeld = (): void => {
  const lines = held ?? [];
  held = undefined;
  for (const line of lines) printLog(line);
};

let upgraded = 0;
/** Prints every thousandth run, and how many there were: a terminal and a pipe get the same. */
const printUpgrade = ({ runs }: { runs: number }, isDone: boolean): void => {
  if (upgraded === 0) process.stdout.write('· upgrading stored runs ');
  if (isDone) process.stdout.write(`${runs} `);
  else if (Math.floor(runs / 1_000) > Math.floor(upgraded / 1_000)) process.stdout.write(`${runs}… `);
  upgraded = runs;
};

let starting: Promise<Stack> | undefined;

const ending = endOnSignal(async () => {
  print('\nending…');
  await (await starting)?.close();
}, 0);

const main = async (): Promise<void> => {
  const startedAt = performance.now();
  const settings = readSettings(ROOT);
  print('everytoken · local stack');
  starting = startStack({
    ...settings,
    root: ROOT,
    log: printLog,
    onOutside: (outside) => print(`${serviceLines(outside).join('\n')}\n`),
    onReady: (part) => process.stdout.write(`✓ ${part} `),
    prepareTable: upgradeTable(settings.dataDir, printUpgrade),
  });
  const stack = await starting;
  print(` ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  print(`API          ${stack.api}`);
  print(`data         ${settings.dataDir} (addresses of all parts in stack.json)`);
  print(`prompt files ${settings.dataDir}/drop/ → ${settings.dataDir}/results/`);
  print(
    `\ncurl ${stack.api}/runs -H 'content-type: application/json' -d '{"prompt": "Explain neural nets."}'`,
  );
  print('\nPress Ctrl-C to stop; stored data stays.\n');
  printHeld();
};

try {
  await main();
} catch (error) {
  // An interrupted start needs no error: wait until the signal's handler ends the process.
  if (ending.isRequested()) await new Promise(() => {});
  printHeld();
  console.error(error instanceof StackError ? `\nerror: ${visible(error.message)}` : error);
  process.exit(1);
}
