import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parametersOf } from '../../cli/commands/init/check-parameters.ts';
import { deadLinksIn } from '../../tools/words/check-words.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const page = read('docs/deploy.md');
const serverless = read('serverless.yml');

type Statement = {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Condition?: Record<string, object>;
};
type Role = {
  Properties: {
    AssumeRolePolicyDocument: { Statement: Statement[] };
    Policies: { PolicyDocument: { Statement: Statement[] } }[];
  };
};
const role = (
  parse(read('docs/examples/deployer-role.yml'), { logLevel: 'silent' }) as { Resources: { Deployer: Role } }
).Resources.Deployer;
const actionsOf = ({ Action }: Statement): string[] => [Action].flat();

describe('the role of a deployer', () => {
  test('can be assumed from one environment of one repository only', () => {
    const [trust, ...others] = role.Properties.AssumeRolePolicyDocument.Statement;
    expect(others).toEqual([]);
    const conditions = Object.entries(trust?.Condition?.StringEquals ?? {});
    expect(Object.keys(trust?.Condition ?? {})).toEqual(['StringEquals']);
    expect(conditions).toEqual([
      ['token.actions.githubusercontent.com:aud', 'sts.amazonaws.com'],
      ['token.actions.githubusercontent.com:sub', expect.stringMatching(/^repo:[^*]+:environment:[^*]+$/)],
    ]);
  });

  test('may act on every service that the template has a resource of', () => {
    const statements = role.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const services = new Set(
      statements
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(actionsOf)
        .map((each) => each.split(':')[0]),
    );
    const files = [
      'data',
      'messaging',
      'roles',
      'gateway',
      'alarms',
      'access-logs',
      'bucket-logs',
      'waf',
      'dashboard',
    ];
    const types = files.flatMap((file) => [...read(`infra/${file}.yml`).matchAll(/AWS::(\w+)::\w+/g)]);
    const needed = new Set(types.map(([, service = '']) => service.toLowerCase()));
    for (const pseudo of ['partition', 'region', 'accountid', 'novalue']) needed.delete(pseudo);
    expect(needed.size).toBeGreaterThan(6);
    expect([...needed].filter((service) => !services.has(service))).toEqual([]);
    for (const each of ['lambda', 'cloudformation', 'ssm']) expect(services).toContain(each);
    expect(statements.flatMap(actionsOf)).not.toContain('*');
  });
});

describe('the page on deployment', () => {
  test('names each parameter of a stage, and no other', () => {
    const { params } = parse(serverless, { logLevel: 'silent' }) as { params: { default: object } };
    const [table = ''] = /\| parameter \| dev[\s\S]*?\n\n/.exec(page) ?? [];
    const named = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    expect(named.toSorted()).toEqual(Object.keys(params.default).toSorted());
  });

  test('names each variable that a deployment takes from the environment', () => {
    const taken = [...serverless.matchAll(/\$\{env:(\w+)/g)].map(([, name = '']) => name);
    expect(taken.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  test('stores keys where the template reads them', () => {
    const { openai, pinecone } = parametersOf(`\${sls:stage}`);
    expect(serverless).toContain(`OPENAI_API_KEY_PARAMETER: ${openai}`);
    expect(serverless).toContain(`PINECONE_API_KEY_PARAMETER: ${pinecone}`);
  });

  test.each(['docs/deploy.md', 'docs/operations.md', 'docs/scale.md'])(
    '%s links only to existing targets',
    (file) => {
      expect(deadLinksIn(read(file), file, root, read)).toEqual([]);
    },
  );
});
