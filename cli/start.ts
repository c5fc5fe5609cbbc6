import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../local/settings.ts';
import { StackError } from '../local/stack-error.ts';
import { type Stack, startStack } from '../local/start-stack.ts';
import { endOnSignal } from './end-on-signal.ts';
import { whichIsWhich } from './which-is-which.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const print = (line: string) => console.log(line);

let starting: Promise<Stack> | undefined;

const ending = endOnSignal(async () => {
  print('\nending…');
  await (await starting)?.close();
}, 0);

const main = async (): Promise<void> => {
  const startedAt = performance.now();
  const settings = readSettings(root);
  print('everytoken · local stack');
  starting = startStack({
    ...settings,
    root,
    log: print,
    onOutside: (outside) => print(`${whichIsWhich(outside).join('\n')}\n`),
    onReady: (part) => process.stdout.write(`✓ ${part} `),
  });
  const stack = await starting;
  print(` ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  print(`API          ${stack.api}`);
  print(`data         ${settings.dataDir} (addresses of all parts in stack.json)`);
  print(`prompt files ${settings.dataDir}/drop/ → ${settings.dataDir}/results/`);
  print(
    `\ncurl ${stack.api}/runs -H 'content-type: application/json' -d '{"prompt": "Explain neural nets."}'`,
  );
  print('\nCtrl-C ends it; what is stored stays.\n');
};

try {
  await main();
} catch (error) {
  // What a start that was interrupted has to say is only that it was.
  if (ending.asked()) await new Promise(() => {});
  console.error(error instanceof StackError ? `\nerror: ${error.message}` : error);
  process.exit(1);
}
