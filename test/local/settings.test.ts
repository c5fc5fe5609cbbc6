import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { functionSettings, readSettings } from '../../local/settings.ts';
import { StackError } from '../../local/stack-error.ts';

const root = mkdtempSync(join(tmpdir(), 'everytoken-settings-'));
const bare = join(root, 'bare');
writeFileSync(join(root, '.env'), 'PORT=4000\nOPENAI_API_KEY="of the file"\nDEFAULT_MODEL=\n');
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('readSettings', () => {
  test('has a default for each setting', () => {
    expect(readSettings(bare, {})).toEqual({
      port: 3000,
      dataDir: join(bare, '.everytoken'),
      pace: 90,
      variables: {},
    });
    expect(readSettings(bare, {}, { dataDir: '.everytoken-demo' }).dataDir).toBe(
      join(bare, '.everytoken-demo'),
    );
  });

  test('reads .env, with the environment taking precedence', () => {
    expect(readSettings(root, {})).toMatchObject({
      port: 4000,
      variables: { PORT: '4000', OPENAI_API_KEY: 'of the file' },
    });
    expect(readSettings(root, { PORT: '0', EVERYTOKEN_LOCAL_PACE: '0.5' })).toMatchObject({
      port: 0,
      pace: 0.5,
    });
  });

  test('treats an empty variable as missing, even one that is set in .env', () => {
    expect(readSettings(root, {}).variables).not.toHaveProperty('DEFAULT_MODEL');
    expect(readSettings(root, { OPENAI_API_KEY: '', PORT: '' })).toMatchObject({ port: 3000, variables: {} });
  });

  test('resolves a data folder from the root, or uses it as it is when absolute', () => {
    expect(readSettings(bare, { EVERYTOKEN_DATA_DIR: 'x' }).dataDir).toBe(join(bare, 'x'));
    expect(readSettings(bare, { EVERYTOKEN_DATA_DIR: '/x' }).dataDir).toBe('/x');
  });

  test.each([
    ['PORT', 'abc'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3.5'],
    ['EVERYTOKEN_LOCAL_PACE', 'fast'],
    ['EVERYTOKEN_LOCAL_PACE', '-1'],
    ['EMBEDDING_DIMENSIONS', '0'],
    ['EMBEDDING_DIMENSIONS', '1e3'],
    ['RETENTION_DAYS', '1.5'],
  ])('refuses %s=%s, naming both and a remedy', (name, text) => {
    const read = () => readSettings(bare, { [name]: text });
    expect(read).toThrow(StackError);
    expect(read).toThrow(`${name} is '${text}': set it to a`);
  });

  test('refuses keys that are not caller:secret, or short, naming their place or caller and never their contents', () => {
    const SECRET = '0123456789abcdef';
    const read = (EVERYTOKEN_API_KEYS: string) => () => readSettings(bare, { EVERYTOKEN_API_KEYS });
    for (const keys of [`a:${SECRET}`, 'a:with:some:colons', ` a.b-c_d:${SECRET} , e:${SECRET},`])
      expect(read(keys)).not.toThrow();
    expect(read(`a:${SECRET},hunter2`)).toThrow(
      /^EVERYTOKEN_API_KEYS: entry 2 is not caller:secret(?!.*hunter2)/,
    );
    const short = read(`a:${SECRET},alice:hunter2:hunter2`);
    expect(short).toThrow(
      /^EVERYTOKEN_API_KEYS: the secret of alice is shorter than 16 characters(?!.*hunter2)/,
    );
    for (const keys of [':x', 'a:', '-a:x', 'a b:x', `${'a'.repeat(65)}:x`])
      expect(read(keys)).toThrow('entry 1');
  });
});

describe('the functions of a stack', () => {
  test('keep no places for other callers where there are none', () => {
    expect(functionSettings({}, 'f')).toMatchObject({ KEPT_FOR_OTHERS_PERCENT: '0' });
    expect(functionSettings({ KEPT_FOR_OTHERS_PERCENT: '50' }, 'f')).toMatchObject({
      KEPT_FOR_OTHERS_PERCENT: '50',
    });
    const keys = { EVERYTOKEN_API_KEYS: 'a:secret-of-the-caller-a' };
    expect(functionSettings(keys, 'f')).not.toHaveProperty('KEPT_FOR_OTHERS_PERCENT');
  });
});
