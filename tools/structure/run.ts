import { join } from 'node:path';
import { checkStructure } from './check-structure.ts';

// Part of `npm run lint`: circles of imports, and imports that run up between the folders of lib.

const FOLDERS = ['functions', 'lib', 'local', 'cli', 'tools', 'test'];

const { files, circles, upward, unplaced } = await checkStructure(
  join(import.meta.dirname, '../..'),
  FOLDERS,
);
console.log(`circles of files, types included: ${circles.length} (${files} files read)`);
for (const circle of circles) console.log(`  ${circle.join(' -> ')}`);
console.log(`arrows between folders of lib that run up: ${upward.length}`);
for (const arrow of upward) console.log(`  ${arrow}`);
for (const place of unplaced)
  console.log(`lib/${place} has no place in LIB_ORDER of tools/structure/check-structure.ts`);
if (circles.length + upward.length + unplaced.length > 0) process.exitCode = 1;
