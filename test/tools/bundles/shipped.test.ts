import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageFunctions } from '../../../local/package-functions.ts';
import { type Bundle, bundleFunctions } from '../../../tools/bundles/bundle-functions.ts';
import { growthOf } from '../../../tools/bundles/bundle-size.ts';
import type { Bom } from '../../../tools/dependencies/bill-of-materials.ts';
import { type Lock, packagesOf } from '../../../tools/dependencies/check-licences.ts';
import { importsOf } from '../../../tools/dependencies/read-uses.ts';

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
  for (const [name, { texts }] of bundles) {
    const id = `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`;
    const folder = join(packaged.bundles(id), dirname(resources[id]?.Properties.Handler ?? ''));
    expect([name, readdirSync(folder).toSorted()]).toEqual([name, [...texts.keys()].toSorted()]);
    for (const [file, text] of texts)
      expect([file, readFileSync(join(folder, file), 'utf8') === text]).toEqual([file, true]);
  }
}, 120_000);

test('no bundle has grown by more than 5 % beyond its recorded size', () => {
  const recorded = JSON.parse(readFileSync(join(root, 'tools/bundles/recorded.json'), 'utf8'));
  expect(growthOf(new Map([...bundles].map(([name, { size }]) => [name, size])), recorded)).toEqual([]);
  expect(Object.keys(recorded).toSorted()).toEqual([...bundles.keys()].toSorted());
});

test('no code of CommonJS is behind an import(), which would give its names as undefined', () => {
  expect([...bundles.values()].flatMap(({ nameless }) => nameless)).toEqual([]);
});

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
