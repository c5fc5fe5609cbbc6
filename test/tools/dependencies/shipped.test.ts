import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageFunctions } from '../../../local/package-functions.ts';
import type { Bom } from '../../../tools/dependencies/bill-of-materials.ts';
import { type Lock, packagesOf } from '../../../tools/dependencies/check-licences.ts';
import { type Bundle, bundleFunctions, importsOf } from '../../../tools/dependencies/read-uses.ts';

const root = resolve(import.meta.dirname, '../../..');
const lock: Lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
let bundles: Map<string, Bundle>;
beforeAll(async () => {
  bundles = await bundleFunctions(root);
}, 120_000);

test('the bundles that are read are byte for byte those that a deployment uploads', async () => {
  const packaged = await packageFunctions(root, join(root, 'node_modules/.cache/everytoken/packages'));
  const resources = packaged.template.Resources as Record<string, { Properties: { Handler: string } }>;
  expect([...bundles.keys()]).toHaveLength(9);
  for (const [name, { text }] of bundles) {
    const id = `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`;
    const file = resources[id]?.Properties.Handler.replace(/\.\w+$/, '.mjs') ?? '';
    expect([name, readFileSync(join(packaged.bundles(id), file), 'utf8') === text]).toEqual([name, true]);
  }
}, 120_000);

test('imports are read with the packages that they name, types among them', async () => {
  const imports = await importsOf(root, ['lib/keys', 'test/iam']);
  expect(imports.get('test/iam/simulate.ts')).toContain('@cloud-copilot/iam-simulate');
  expect(imports.get('lib/keys/manage-keys.ts')).toEqual([]);
});

describe('the bill of materials', () => {
  let bom: Bom;
  beforeAll(async () => {
    const script = join(root, 'tools/dependencies/sbom.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    bom = JSON.parse(stdout);
  }, 60_000);
  const named = () => new Set(bom.components.map(({ name, version }) => `${name}@${version}`));

  test('names everytoken, and every package of every bundle with its version', () => {
    expect(bom.metadata.component.name).toBe('everytoken');
    const bundled = packagesOf(
      [...bundles.values()].flatMap(({ files }) => files),
      lock.packages,
    );
    expect(bundled.length).toBeGreaterThan(30);
    const missing = bundled.filter(
      (path) => !named().has(`${path.split('node_modules/').at(-1)}@${lock.packages[path]?.version}`),
    );
    expect(missing).toEqual([]);
  });

  test('names nothing that only development needs, and no dependency that it does not list', () => {
    const names = bom.components.map(({ name }) => name);
    for (const tool of ['vitest', 'serverless', 'osls', '@cloud-copilot/iam-simulate', 'fauxqs'])
      expect(names).not.toContain(tool);
    const refs = new Set([
      bom.metadata.component['bom-ref'],
      ...bom.components.map((each) => each['bom-ref']),
    ]);
    const dangling = bom.dependencies
      .flatMap(({ ref, dependsOn }) => [ref, ...dependsOn])
      .filter((ref) => !refs.has(ref));
    expect(dangling).toEqual([]);
  });
});
