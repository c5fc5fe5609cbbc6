import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { copyProject, packageStage } from './package-stage.ts';
import { byId } from './stages/stage.ts';
import { at } from './template.ts';

/** Packaging takes seconds, and many of them beside other work. */
const PACKAGING_MS = 60_000;

const SECRET = 'sk-this-must-stay-secret';

let root: string;
beforeAll(() => {
  root = copyProject();
});

/** Packages prod with these settings, which must fail. Resolves to the output. */
const refusalOf = async (environment: Record<string, string>): Promise<string> => {
  const refused = await packageStage(root, 'prod', { environment }).then(
    () => undefined,
    (error: { stdout: string; stderr: string }) => error,
  );
  if (!refused) throw new Error('it was packaged');
  return `${refused.stderr}${refused.stdout}`;
};

describe('packaging is refused, without telling the secret, for', () => {
  test(
    'a provider with an inline key, and names the parameter to use instead',
    async () => {
      const said = await refusalOf({
        PROVIDERS: JSON.stringify({
          groq: { base_url: 'https://api.groq.com/openai/v1', api_key: SECRET },
          own: { base_url: 'https://gpu.example.com/v1' },
        }),
      });
      expect(said).toContain('PROVIDERS.groq.api_key would stand in the template in plain text');
      expect(said).toContain('"api_key_parameter": "/everytoken/prod/providers/groq"');
      expect(said).not.toContain('PROVIDERS.own');
      expect(said).not.toContain(SECRET);
    },
    PACKAGING_MS,
  );

  test.each([
    [
      'a misspelt field',
      { PROVIDERS: `{"groq": {"base_url": "https://a.test", "apiKey": "${SECRET}"}}` },
      'PROVIDERS.groq.apiKey is unknown',
    ],
    ['a setting that is not JSON', { PROVIDERS: `{"groq": ${SECRET}}` }, 'PROVIDERS is not a JSON object'],
    [
      'a password in the address of a provider',
      { PROVIDERS: `{"groq": {"base_url": "https://user:${SECRET}@a.test"}}` },
      'PROVIDERS.groq.base_url must be a URL without user, password, query and fragment',
    ],
    [
      'an address that is none, with a password in it',
      { PROVIDERS: `{"groq": {"base_url": "https//user:${SECRET}@a.test"}}` },
      'PROVIDERS.groq.base_url must be a URL',
    ],
    [
      'a key in the fragment of an address, and one in place of the name of a parameter',
      { PROVIDERS: `{"groq": {"base_url": "https://a.test#${SECRET}", "api_key_parameter": "${SECRET}"}}` },
      'PROVIDERS.groq.api_key_parameter must be the name of a parameter below /everytoken/prod/providers/',
    ],
    [
      'a key in the query of another address',
      { OPENAI_BASE_URL: `https://a.test/v1?key=${SECRET}` },
      'OPENAI_BASE_URL must be a URL without user, password, query and fragment',
    ],
  ])(
    '%s',
    async (_, environment, message) => {
      const said = await refusalOf(environment);
      expect(said).toContain(message);
      expect(said).not.toContain(SECRET);
    },
    PACKAGING_MS,
  );
});

test(
  'no secret of the environment or of .env gets into a package; a provider with the name of a parameter does',
  async () => {
    const names = ['OPENAI_API_KEY', 'PINECONE_API_KEY', 'EMBEDDING_API_KEY', 'AWS_SECRET_ACCESS_KEY'];
    const secrets = { ...Object.fromEntries(names.map((name) => [name, SECRET])), AWS_ACCESS_KEY_ID: SECRET };
    const keys = { EVERYTOKEN_API_KEYS: `team:${SECRET}` };
    writeFileSync(
      join(root, '.env'),
      `OPENAI_API_KEY=${SECRET}\nPROVIDERS={"a": {"api_key": "${SECRET}"}}\n`,
    );
    const PROVIDERS =
      '{"groq": {"base_url": "https://a.test", "api_key_parameter": "/everytoken/prod/providers/g"}}';
    const { template, folder } = await packageStage(root, 'prod', {
      environment: { ...secrets, ...keys, PROVIDERS },
      params: { accessLogs: 'on', alarms: 'on', dashboard: 'on' },
    });
    const { Environment } = byId(template, 'ApiLambdaFunction');
    expect(at(Environment, 'Variables', 'PROVIDERS')).toBe(PROVIDERS);
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(files).toContain('cloudformation-template-update-stack.json');
    expect(files.filter((name) => readFileSync(join(folder, name), 'utf8').includes(SECRET))).toEqual([]);
  },
  PACKAGING_MS,
);
