import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFlags, runCommand } from '../command.ts';
import { bundleFunctions } from './bundle-functions.ts';
import { growthOf, type RecordedSizes } from './bundle-size.ts';

// `npm run bundles`: prints the bytes of each function's bundle and what its start is made of. With --write it records them,
// and a test fails when one grows by more than 5 % beyond that.

const ROOT = join(import.meta.dirname, '../..');
const RECORD = join(import.meta.dirname, 'recorded.json');
await runCommand(async () => {
  const { write } = readFlags(
    process.argv.slice(2),
    { write: { type: 'boolean', default: false } },
    'usage: npm run bundles -- [--write]',
  );

  const sizes = new Map([...(await bundleFunctions(ROOT))].map(([name, { size }]) => [name, size]));
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1).padStart(9);
  console.log(
    `${'kB, minified'.padEnd(16)}${'at start'.padStart(9)}${'in all'.padStart(9)}  the start's largest parts`,
  );
  for (const [name, { start, all, largest }] of sizes) {
    const parts = largest.slice(0, 5).map(([part, bytes]) => `${part} ${kilobytes(bytes).trim()}`);
    console.log(`${name.padEnd(16)}${kilobytes(start)}${kilobytes(all)}  ${parts.join(', ')}`);
  }
  if (write) {
    const recorded = Object.fromEntries([...sizes].map(([name, { start, all }]) => [name, { start, all }]));
    writeFileSync(RECORD, `${JSON.stringify(recorded, null, 2)}\n`);
    return 0;
  }
  const recorded: RecordedSizes = JSON.parse(readFileSync(RECORD, 'utf8'));
  const grown = growthOf(sizes, recorded);
  for (const sentence of grown) console.log(sentence);
  return grown.length > 0 ? 1 : 0;
});
