import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { copyProject, type PackagedStage, packageStage } from './package-stage.ts';
import { at, ofType } from './template.ts';

/** Several times the present sizes: one more SDK client fits, a whole SDK or node_modules does not. */
const MOST_BYTES = 1_000_000;

const refuseNetwork = new URL('refuse-network.ts', import.meta.url).href;
const nowhere = 'http://127.0.0.1:59999';
const offline = {
  NODE_OPTIONS: `--import=${refuseNetwork}`,
  ...{ HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, http_proxy: nowhere, https_proxy: nowhere },
};

let packaged: PackagedStage;
const said = (): string => packaged.stdout + packaged.stderr;

beforeAll(async () => {
  packaged = await packageStage(copyProject('own'), 'prod', { environment: offline });
}, 120_000);

describe('serverless package --stage prod, of the actual functions,', () => {
  test('prints no warning and no error', () => {
    const lines = said()
      .split('\n')
      .filter((line) => line.trim() !== '');
    expect(lines).toEqual([
      // Standard output, and then standard error.
      expect.stringMatching(/^dashboard: \d+ assets of [\d.]+ kB gzipped, built in [\d.]+ s$/),
      expect.stringContaining('Packaging everytoken for stage prod (us-east-1)'),
      expect.stringContaining('Service packaged'),
    ]);
  });

  test('needs no network and no credentials', async () => {
    expect(said()).not.toContain('network refused');
    // Proves that the environment refuses connections; else the test would show nothing.
    const dialled = promisify(execFile)(process.execPath, ['-e', `await fetch('http://localhost:59999')`], {
      env: { ...process.env, ...offline },
    });
    await expect(dialled).rejects.toThrow('network refused');
  });

  test('makes a small zip for each function, with nothing in it but its bundle and its chunks', () => {
    const zips = ofType(packaged.template, 'AWS::Lambda::Function').map(
      ([, { FunctionName, Handler, Code }]) => {
        const zip = String(at(Code, 'S3Key')).split('/').at(-1) ?? '';
        const file = join(packaged.folder, zip);
        const files = Object.entries(unzipSync(readFileSync(file))).filter(([name]) => !name.endsWith('/'));
        const bytes = files.reduce((sum, [, content]) => sum + content.length, 0);
        const own = String(Handler).replace(/\.\w+$/, '');
        expect(files.map(([name]) => name)).toContain(`${own}.mjs`);
        const others = files.filter(([name]) => !new RegExp(`^${own}(\\.[A-Z0-9]{8})?\\.mjs$`).test(name));
        expect(others).toEqual([]);
        return { function: FunctionName, zip, bytes: statSync(file).size, unpacked: bytes };
      },
    );
    expect(zips.map(({ zip }) => zip).toSorted()).toEqual(
      readdirSync(packaged.folder)
        .filter((name) => name.endsWith('.zip'))
        .toSorted(),
    );
    console.table(zips);
    expect(zips.filter(({ bytes }) => bytes < 1_000 || bytes > MOST_BYTES)).toEqual([]);
  });
});
