import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CommandError, UsageError } from '../../../cli/command.ts';
import { findTarget } from '../../../cli/target/target.ts';

const ADDRESS = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod';

test('takes an address with slashes at its end, and the key of EVERYTOKEN_KEY', async () => {
  expect(await findTarget({ api: `${ADDRESS}//` }, { EVERYTOKEN_KEY: ' et_key\n' })).toEqual({
    name: 'API',
    api: ADDRESS,
    apiKey: 'et_key',
  });
  expect((await findTarget({ api: ADDRESS }, { EVERYTOKEN_KEY: ' ' })).apiKey).toBeUndefined();
});

test('takes the key of .env, unless the environment has one or takes it away', async () => {
  const root = mkdtempSync(join(tmpdir(), 'everytoken-target-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, '.env'), 'EVERYTOKEN_KEY=et_written\n');
  const keyIn = async (env: Record<string, string>) => (await findTarget({ api: ADDRESS }, env, root)).apiKey;
  expect(await keyIn({})).toBe('et_written');
  expect(await keyIn({ EVERYTOKEN_KEY: 'et_shell' })).toBe('et_shell');
  expect(await keyIn({ EVERYTOKEN_KEY: '' })).toBeUndefined();
});

test('refuses an address with a password or a query, and prints neither', async () => {
  for (const api of ['https://me:s3cret@abc.com/prod', `${ADDRESS}?key=s3cret`, `${ADDRESS}#s3cret`]) {
    const refused = await findTarget({ api }, {}).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as Error).message).toMatch(/^--api takes an address without a user, .* EVERYTOKEN_KEY$/);
  }
});

test('an address is printed without what a terminal would take for a control', async () => {
  const { api } = await findTarget({ api: 'http://127.0.0.1:3000/\x1b[31m\n\u202eprod' }, {});
  expect(api).toMatch(/^http:\/\/127\.0\.0\.1:3000\/[\x21-\x7e]+$/);
});

test('refuses a key that no header takes, and does not print it', async () => {
  for (const key of ['et_secret\nX-Other: 1', 'et_secret’', 'et_secret other']) {
    const refused = await findTarget({ api: ADDRESS }, { EVERYTOKEN_KEY: key }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(CommandError);
    expect((refused as Error).message).toMatch(/^EVERYTOKEN_KEY holds (?!.*secret)/);
  }
});
