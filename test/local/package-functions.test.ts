import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageFunctions } from '../../local/package-functions.ts';
import { StackError } from '../../local/stack-error.ts';

const home = resolve(import.meta.dirname, '../..');
const root = mkdtempSync(join(tmpdir(), 'everytoken-package-'));
const cache = join(root, 'cache');

// The same packaging on one small function, since the real ones take longer.
const definition = `
service: small
provider: { name: aws, runtime: nodejs24.x, deploymentMethod: direct }
plugins: [serverless-esbuild]
package: { individually: true }
functions:
  api: { handler: functions/api.handler }
  work: { handler: functions/work.handler }
`;
const handler = (says: string) => `export const handler = async (): Promise<string> => '${says}';\n`;

beforeAll(() => {
  mkdirSync(join(root, 'node_modules'));
  for (const name of readdirSync(join(home, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(join(home, 'node_modules', name), join(root, 'node_modules', name));
  }
  mkdirSync(join(root, 'functions'));
  cpSync(join(home, 'package.json'), join(root, 'package.json'));
  writeFileSync(join(root, 'serverless.yml'), definition);
  for (const name of ['api', 'work']) writeFileSync(join(root, 'functions', `${name}.ts`), handler('first'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bundle = (folder: string, name: string): string =>
  readFileSync(join(folder, 'functions', `${name}.js`), 'utf8');
const kept = (): string[] => readdirSync(cache).sort();

describe('packageFunctions', () => {
  test('gives concurrent starts the one complete package, and leaves no temporary one', async () => {
    const leftOver = () => readdirSync(tmpdir()).filter((name) => name.startsWith('work-'));
    const before = leftOver();
    const packages = await Promise.all([1, 2, 3].map(() => packageFunctions(root, cache)));
    expect(kept()).toEqual([expect.stringMatching(/^[0-9a-f]{24}$/)]);
    expect(leftOver()).toEqual(before);
    for (const { template, bundles } of packages) {
      expect(template).toHaveProperty('Resources.ApiLambdaFunction');
      expect(bundle(bundles('ApiLambdaFunction'), 'api')).toContain('first');
      expect(bundle(bundles('WorkLambdaFunction'), 'work')).toContain('first');
    }
  });

  test('reuses the kept package while the sources are the same', async () => {
    const [name = ''] = kept();
    const { ino, birthtimeMs } = statSync(join(cache, name));
    await packageFunctions(root, cache);
    expect(statSync(join(cache, name))).toMatchObject({ ino, birthtimeMs });
    expect(kept()).toEqual([name]);
  });

  test('packages again when a source has changed, and reuses the earlier package when it is changed back', async () => {
    const source = join(root, 'functions/work.ts');
    writeFileSync(source, handler('second'));
    const changed = await packageFunctions(root, cache);
    expect(bundle(changed.bundles('WorkLambdaFunction'), 'work')).toContain('second');
    writeFileSync(source, handler('first'));
    const back = await packageFunctions(root, cache);
    expect(bundle(back.bundles('WorkLambdaFunction'), 'work')).toContain('first');
    expect(kept()).toHaveLength(2);
  });

  test('reports the fault of sources that cannot be packaged, and keeps nothing of them', async () => {
    const source = join(root, 'functions/work.ts');
    writeFileSync(source, 'export const handler = (;\n');
    const before = kept();
    const failure = packageFunctions(root, cache);
    await expect(failure).rejects.toThrow(StackError);
    await expect(failure).rejects.toThrow(/could not be packaged.*work\.ts/s);
    expect(kept()).toEqual(before);
    writeFileSync(source, handler('mended'));
    const mended = await packageFunctions(root, cache);
    expect(bundle(mended.bundles('WorkLambdaFunction'), 'work')).toContain('mended');
  });
});
