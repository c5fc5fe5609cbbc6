import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutDevelopment } from './bill-of-materials.ts';

// `npm run sbom`: prints the software bill of materials of a release, CycloneDX as JSON. Needs no network.

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

const npm = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
const printed = execFileSync('npm', npm, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
const bom = withoutDevelopment(JSON.parse(printed), read('package.json').name, read('package-lock.json'));
console.log(JSON.stringify(bom, null, 2));
