import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../local/settings.ts';
import { StackError } from '../local/stack-error.ts';
import { type Outside, type Stack, startStack } from '../local/start-stack.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const print = (line: string) => console.log(line);

const whichIsWhich = ({ openai, embeddings, pinecone, aws }: Outside): string =>
  [
    `model        ${openai ?? 'local n-gram model (everytoken-ngram), not an LLM'}`,
    `embeddings   ${embeddings ?? openai ?? 'local sentence encoder (everytoken-use)'}`,
    `pinecone     ${pinecone ?? 'local, exact cosine'}`,
    `aws          ${aws.length > 0 ? `${aws.join(', ')}; the rest local` : 'local'}`,
  ].join('\n');

/** Ends the stack once, whatever asks for it; a second signal does not wait. */
const endOnSignal = (stack: Promise<Stack>): void => {
  let asked = false;
  const end = async () => {
    if (asked) process.exit(130);
    asked = true;
    print('\nending…');
    const running = await stack.catch(() => undefined);
    await running?.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
};

const main = async (): Promise<void> => {
  const startedAt = performance.now();
  const settings = readSettings(root);
  print('everytoken · local stack');
  const starting = startStack({
    ...settings,
    root,
    log: print,
    onOutside: (outside) => print(`${whichIsWhich(outside)}\n`),
    onReady: (part) => process.stdout.write(`✓ ${part} `),
  });
  endOnSignal(starting);
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
  console.error(error instanceof StackError ? `\nerror: ${error.message}` : error);
  process.exit(1);
}
