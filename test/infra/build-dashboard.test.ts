import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { describe, expect, test, vi } from 'vitest';
import type { PackedAsset } from '../../lib/http/service/packed-asset.ts';
import { buildDashboard, smallDashboard } from './small-dashboard.ts';

const textOf = ({ gzip }: PackedAsset): string => gunzipSync(Buffer.from(gzip, 'base64')).toString();

describe('the build of the dashboard', () => {
  test('has the page, and each asset under a name with a hash and with its media type', async () => {
    const { html, assets } = await buildDashboard(smallDashboard());
    for (const { name } of assets) expect(name).toMatch(/^[a-z]+-[\w-]{8}\.(js|css|svg)$/);
    const named = [...html.matchAll(/(?:src|href)="\.\/assets\/([^"]+)"/g)].map(([, name]) => name);
    expect(named.length).toBe(3);
    for (const name of named) expect(assets.map((asset) => asset.name)).toContain(name);
    expect(new Set(assets.map(({ type }) => type))).toEqual(
      new Set(['text/javascript; charset=utf-8', 'text/css; charset=utf-8', 'image/svg+xml']),
    );
    const style = assets.find(({ name }) => /^map-.*\.css$/.test(name));
    expect(style && textOf(style)).toContain('green');
  });

  test('depends on the sources alone: on no folder, no environment and no file of settings', async () => {
    const first = await buildDashboard(smallDashboard());
    vi.stubEnv('NODE_ENV', 'development');
    vi.stubEnv('VITE_SECRET', 'secret');
    const { modules: _, ...second } = await buildDashboard(smallDashboard({ '.env': 'VITE_OTHER=secret' }));
    expect(process.env.NODE_ENV).toBe('development');
    vi.unstubAllEnvs();
    expect(first).toMatchObject(second);
    expect(first.assets.map(textOf).join()).toContain('production');
  });

  test('fails when a file that a style names is not installed', async () => {
    const style =
      '@font-face { font-family: "X"; src: url("@fontsource-variable/none/x.woff2") } body { color: red }';
    await expect(buildDashboard(smallDashboard({ 'style.css': style }))).rejects.toThrow(
      /not installed: run npm ci/,
    );
  });

  test('has the licence of each package in it, of fonts too', async () => {
    const font = '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2';
    const style = `@font-face { font-family: "X"; src: url("${font}") } body { font-family: "X" }`;
    const { licences, modules } = await buildDashboard(smallDashboard({ 'style.css': style }));
    expect(licences).toMatchObject({ name: 'licences.txt', type: 'text/plain; charset=utf-8' });
    expect(textOf(licences)).toMatch(/^@preact\/signals-core \d+\.\d+\.\d+: MIT$[\s\S]*Copyright \(c\)/m);
    expect(textOf(licences)).toMatch(
      /^@fontsource-variable\/inter \d+\.\d+\.\d+: OFL-1.1$[\s\S]*SIL OPEN FONT LICENSE/im,
    );
    for (const part of ['@preact/signals-core/', font])
      expect(modules.some((file) => file.includes(`/node_modules/${part}`))).toBe(true);
  });

  test('refuses a file without a hash in its name, which browsers would keep for ever', async () => {
    await expect(
      buildDashboard(
        smallDashboard({
          'main.ts': `import('./x.ts')`,
          'x.ts': '',
          'vite.config.ts': `
      export default { build: { rolldownOptions: { output: { entryFileNames: 'assets/[name].js' } } } };`,
        }),
      ),
    ).rejects.toThrow('assets/index.js, which has no hash in its name');
  });
});

describe('the plugin of the packager', () => {
  const plugins: Plugin[] = createRequire(import.meta.url)(resolve('infra/esbuild-plugins.cjs'));
  const bundle = (folder: string) => {
    writeFileSync(
      join(folder, 'function.js'),
      `import dashboard from './index.html' with { type: 'packed' }; console.log(dashboard);`,
    );
    return build({
      ...{ absWorkingDir: resolve('.'), entryPoints: [join(folder, 'function.js')], plugins },
      ...{ bundle: true, write: false, metafile: true, format: 'esm', logLevel: 'silent' },
    });
  };

  test('puts the whole build into a bundle, and the files that it is made of into the list of its inputs', async () => {
    const folder = smallDashboard();
    const { outputFiles, metafile } = await bundle(folder);
    const { assets } = await buildDashboard(folder);
    for (const { name, gzip } of assets) {
      expect(outputFiles[0]?.text).toContain(name);
      expect(outputFiles[0]?.text).toContain(gzip);
    }
    const inputs = Object.keys(metafile.inputs);
    expect(inputs).toContain(relative('.', join(folder, 'list.ts')));
    expect(inputs.filter((file) => file.startsWith('node_modules/@preact/signals-core/'))).toHaveLength(1);
  });

  test('fails with the message of a build that fails', async () => {
    await expect(bundle(smallDashboard({ 'map.ts': `import './nowhere.ts';` }))).rejects.toThrow(
      /nowhere\.ts[\s\S]*map\.ts/,
    );
    await expect(bundle(smallDashboard({ 'map.ts': 'const = 1;' }))).rejects.toThrow(/map\.ts/);
  });
});
