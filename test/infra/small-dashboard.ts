import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DashboardBuild } from '../../tools/first-load/first-load.ts';

const root = resolve(import.meta.dirname, '../..');

export const { buildDashboard }: { buildDashboard: (folder: string) => Promise<DashboardBuild> } =
  createRequire(import.meta.url)(join(root, 'infra/build-dashboard.cjs'));

const FILES = {
  'package.json': '{ "type": "module" }',
  'index.html': `<!doctype html><html><head><title>small</title><link rel="icon" href="./icon.svg">
<script type="module" src="./main.ts"></script></head><body></body></html>`,
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'vite.config.ts': `export default { base: './', build: { assetsInlineLimit: 0 } };`,
  'style.css': 'body { margin: 0 }',
  'main.ts': `import './style.css';
import { signal } from '@preact/signals-core';
import { shared } from './shared.ts';
document.title = String(signal(shared(process.env.NODE_ENV)).value);
addEventListener('click', async () => (await import('./map.ts')).draw());
addEventListener('keydown', async () => (await import('./list.ts')).draw());`,
  'shared.ts': `export const shared = (value: unknown): string => 'shared ' + value;`,
  'map.ts': `import './map.css';
import { shared } from './shared.ts';
export const draw = (): void => document.body.append(shared('map'));`,
  'map.css': 'p { color: green }',
  'list.ts': `import { shared } from './shared.ts';
export const draw = (): void => document.body.append(shared('list'));`,
};

/**
 * A small Vite project of the dashboard's layout, in a folder that is removed after the test: an entry, and two pages
 * that it imports later. `changed` replaces files and adds others.
 */
export const smallDashboard = (changed: Record<string, string> = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-dashboard-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [name, text] of Object.entries({ ...FILES, ...changed })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};
