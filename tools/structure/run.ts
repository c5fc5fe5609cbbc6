import { join } from 'node:path';
import { checkStructure } from './check-structure.ts';
import { findForeignNames } from './foreign-names.ts';

// Part of `npm run lint`: fails on import cycles, on imports between folders of lib that break LIB_ORDER, and where a
// name of any text is looked up in an object.

const ROOT = join(import.meta.dirname, '../..');
/** Without the dashboard, whose components the parser cannot read: Biome finds its cycles. */
const FOLDERS = ['functions', 'lib', 'client', 'local', 'report', 'cli', 'tools', 'test'];
/** They run for others and get names from them; tools and tests have only names of their own. */
const SERVING = ['functions', 'lib', 'client', 'local', 'report', 'cli'];

const { files, circles, upward, unplaced } = await checkStructure(ROOT, FOLDERS);
const lookups = [
  ...findForeignNames(ROOT, SERVING),
  ...findForeignNames(ROOT, ['dashboard'], 'dashboard/tsconfig.json'),
];
console.log(`import cycles, types included: ${circles.length} (${files} files read)`);
for (const circle of circles) console.log(`  ${circle.join(' -> ')}`);
console.log(`imports between folders of lib that run up: ${upward.length}`);
for (const arrow of upward) console.log(`  ${arrow}`);
for (const place of unplaced)
  console.log(`lib/${place} is missing in LIB_ORDER: add it in tools/structure/check-structure.ts`);
console.log(`names of any text looked up in objects: ${lookups.length}`);
for (const place of lookups) console.log(`  ${place}: use own(object, name), a Map or Object.hasOwn`);
if (lookups.length + circles.length + upward.length + unplaced.length > 0) process.exitCode = 1;
