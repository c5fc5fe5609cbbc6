import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type FileSize, firstLoadOf } from '../../../tools/first-load/first-load.ts';
import { buildDashboard, smallDashboard } from '../../infra/small-dashboard.ts';

/** The files without their hashes. */
const namesOf = (files: FileSize[]): string[] =>
  files.map(({ name }) => name.replace(/-[\w-]{8}(\.\w+)$/, '$1')).toSorted();

describe('the first load', () => {
  test('is the page, its script, its style and its icon, and no page that is imported later', async () => {
    const { files, sent, later } = firstLoadOf(await buildDashboard(smallDashboard()));
    expect(namesOf(files)).toEqual(['icon.svg', 'index.css', 'index.html', 'index.js']);
    expect(sent).toBe(files.reduce((total, file) => total + file.sent, 0));
    expect(later.map((page) => namesOf(page.files))).toEqual([['list.js'], ['map.css', 'map.js']]);
    for (const { raw, sent: bytes } of files) expect([raw > 0, bytes > 0]).toEqual([true, true]);
  });

  test('has the page that opens at once, which must be there', async () => {
    const build = await buildDashboard(smallDashboard());
    expect(namesOf(firstLoadOf(build, 'map').files)).toEqual([
      'icon.svg',
      'index.css',
      'index.html',
      'index.js',
      'map.css',
      'map.js',
    ]);
    expect(() => firstLoadOf(build, 'none')).toThrow('the build has no script none');
  });

  test('has the scripts that its own import at once, and the fonts that its styles name', async () => {
    const build = await buildDashboard(
      smallDashboard({
        // A module that two entries share has a script of its own.
        'vite.config.ts': `export default { base: './', build: { assetsInlineLimit: 0, rolldownOptions: {
          output: { codeSplitting: { groups: [{ name: 'shared', test: /shared/ }] } } } } };`,
        'style.css': '@font-face { font-family: "X"; src: url("./x.woff2") } body { font-family: "X" }',
        'x.woff2': 'wOF2',
      }),
    );
    expect(namesOf(firstLoadOf(build).files)).toEqual([
      'icon.svg',
      'index.css',
      'index.html',
      'index.js',
      'shared.js',
      'x.woff2',
    ]);
  });

  test('has a page at once that becomes part of the entry', async () => {
    const entry = `import { draw } from './map.ts'; draw();`;
    const { files, later } = firstLoadOf(await buildDashboard(smallDashboard({ 'main.ts': entry })));
    expect(namesOf(files)).toEqual(['icon.svg', 'index.css', 'index.html', 'index.js']);
    expect(later).toEqual([]);
  });
});

describe('npm run first-load', () => {
  const run = (folder: string) =>
    promisify(execFile)(process.execPath, [resolve('tools/first-load/run.ts'), folder]).then(
      ({ stdout }) => ({ status: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ status: code, stdout }),
    );

  test('prints each file with its sizes, the sum, and what each page adds', async () => {
    const { status, stdout } = await run(smallDashboard());
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}index-\S+\.js +\d+\.\d +\d+\.\d$/m);
    expect(stdout).toMatch(/^first load +\d+\.\d$/m);
    expect(stdout).toMatch(/^later: map +\d+\.\d$/m);
  });

  test('fails above 150 kB, and not because of what is loaded later', async () => {
    const text = `export const text = '${randomBytes(120_000).toString('base64')}';`;
    const later = await run(
      smallDashboard({
        'shared.ts': `export const shared = (x: unknown) => String(x);`,
        'map.ts': `${text}\nexport const draw = () => document.body.append(text);`,
      }),
    );
    expect(later.status).toBe(0);
    const atOnce = await run(
      smallDashboard({ 'shared.ts': `${text}\nexport const shared = (x: unknown) => text + x;` }),
    );
    expect(atOnce.status).toBe(0);
    const tooMuch = await run(
      smallDashboard({
        'shared.ts': `${text.replace("'", `'${randomBytes(40_000).toString('base64')}`)}
export const shared = (x: unknown) => text + x;`,
      }),
    );
    expect([tooMuch.status, tooMuch.stdout]).toEqual([
      1,
      expect.stringContaining('the first load is over 150 kB'),
    ]);
  });
});
