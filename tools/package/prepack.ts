import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCli } from './build-cli.ts';
import { KEPT, type Manifest, packageManifest } from './manifest.ts';

// npm runs this before it packs: builds dist/client and dist/cli, and puts the package's manifest in the place of package.json until
// postpack.ts puts that back. docs/decisions/2026-11-30-client-package.md says why.

const root = join(import.meta.dirname, '../..');
const manifest = join(root, 'package.json');
const kept = join(root, KEPT);

if (existsSync(kept)) copyFileSync(kept, manifest); // an earlier packing was interrupted
rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(join(root, 'dist'));
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'client')], {
  stdio: ['ignore', 2, 2], // npm pack --json prints to stdout
});
await buildCli(root, join(root, 'dist/cli'));
copyFileSync(manifest, kept);
const own = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
writeFileSync(manifest, `${JSON.stringify(packageManifest(own), null, 2)}\n`);
