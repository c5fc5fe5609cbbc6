import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { checkVariables } from '../../../../cli/commands/doctor/check-variables.ts';
import { VARIABLES } from '../../../../cli/variables.ts';
import { readSettings } from '../../../../local/settings.ts';

const root = mkdtempSync(join(tmpdir(), 'everytoken-variables-'));
const file = join(root, '.env');
beforeEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const check = (env: Record<string, string>, all = false): Record<string, string> =>
  Object.fromEntries(
    [...checkVariables(readSettings(root, env).variables, env, { all, root })].map(
      ({ state, subject, message }) => [subject, `${state}: ${message}`],
    ),
  );

test('tells whether a variable comes from the environment or from .env', () => {
  writeFileSync(file, 'RETENTION_DAYS=30\nPINECONE_INDEX=mine\n');
  expect(check({ PINECONE_INDEX: 'another' })).toMatchObject({
    '.env': `ok: ${file}`,
    RETENTION_DAYS: expect.stringMatching(/^ok: 30 \(\.env\): /),
    PINECONE_INDEX: expect.stringMatching(/^ok: another \(environment\): /),
  });
});

test('notes variables of .env that have no effect, and what was probably meant', () => {
  writeFileSync(file, 'OPENAI_API_KEYS=sk-a\nEVERYTOKEN_KEY=et_a\nDEFAULT_MODEL=a\nMINE=1\n');
  const found = check({ DEFAULT_MODEL: '' });
  expect(found).toMatchObject({
    OPENAI_API_KEYS: 'note: of .env is not known; did you mean OPENAI_API_KEY?',
    EVERYTOKEN_KEY:
      'ok: set (.env): key of the API that commands send; a local stack gives them one of its own',
    DEFAULT_MODEL: expect.stringMatching(/^note: of \.env is taken away by an empty one of the environment/),
  });
  expect(found).not.toHaveProperty('MINE');
});

test('tells all problems of a variable at once, and lists all variables on demand', () => {
  const found = check({ PRICES: '{"a": 1, "b": {"input": 1}}' }, true);
  expect(found['.env']).toBe(`ok: none (${file})`);
  expect(found.PRICES).toMatch(/^wrong: a must be an object; b\.output must be .*; write it as PRICES=/);
  expect(Object.keys(found)).toEqual(expect.arrayContaining(VARIABLES.map(({ name }) => name)));
});
