import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFunctions } from '../bundles/bundle-functions.ts';
import { findProblems, type Lock, packagesOf } from './check-licences.ts';
import { importsOf } from './read-uses.ts';

// Part of `npm run lint`: the licences of all packages of package-lock.json, and which of them a deployment uploads.

const ROOT = join(import.meta.dirname, '../..');
/** Everything but test/. */
const FOLDERS = ['functions', 'lib', 'client', 'local', 'report', 'cli', 'tools'];

const lock: Lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const built = await bundleFunctions(ROOT);
const bundles = new Map([...built].map(([name, { files }]) => [name, files]));
const problems = findProblems(lock, { bundles, imports: await importsOf(ROOT, FOLDERS) });
const uploaded = packagesOf([...bundles.values()].flat(), lock.packages);
for (const problem of problems) console.log(problem);
console.log(
  `packages with a licence that is not allowed: ${problems.length} (${Object.keys(lock.packages).length - 1} packages, ${uploaded.length} of them in the bundles)`,
);
if (problems.length > 0) process.exitCode = 1;
