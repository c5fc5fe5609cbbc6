import { join } from 'node:path';
import { checkStructure } from './check-structure.ts';

// Part of `npm run lint`: fails on import cycles, and on imports between folders of lib that break LIB_ORDER.

const FOLDERS = ['functions', 'lib', 'local', 'cli', 'tools', 'test'];

const { files, circles, upward, unplaced } = await checkStructure(
  join(import.meta.dirname, '../..'),
  FOLDERS,
);
console.log(`import cycles, types included: ${circles.length} (${files} files read)`);
for (const circle of circles) console.log(`  ${circle.join(' -> ')}`);
console.log(`imports between folders of lib that run up: ${upward.length}`);
for (const arrow of upward) console.log(`  ${arrow}`);
for (const place of unplaced)
  console.log(`lib/${place} is missing in LIB_ORDER: add it in tools/structure/check-structure.ts`);
if (circles.length + upward.length + unplaced.length > 0) process.exitCode = 1;
