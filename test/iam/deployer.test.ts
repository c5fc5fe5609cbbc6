import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Template } from '../../local/aws/template/intrinsics.ts';
import { packageFunctions } from '../../local/package-functions.ts';
import { type Grant, grantsByFunction, kindOf } from './roles.ts';
import { isAllowed } from './simulate.ts';

const root = resolve(import.meta.dirname, '../..');
const place = { region: 'us-east-1', account: '000000000000' };
const { region, account } = place;
const iam = (name: string) => `arn:aws:iam::${account}:${name}`;
const ROLES_BOUNDARY = iam('policy/everytoken-roles');

type Document = { Version: string; Statement: Record<string, unknown>[] };
type Resources = Record<
  'RolesBoundary' | 'DeployerBoundary',
  { Properties: { PolicyDocument: Document } }
> & {
  Deployer: { Properties: { PermissionsBoundary: string; Policies: { PolicyDocument: Document }[] } };
};

/** The resources of the deployer's template, for one account and region. */
const { RolesBoundary, DeployerBoundary, Deployer }: Resources = (() => {
  const text = readFileSync(join(root, 'docs/examples/deployer-role.yml'), 'utf8')
    .replaceAll('$' + '{AWS::Partition}', 'aws')
    .replaceAll('$' + '{AWS::AccountId}', account)
    .replaceAll('$' + '{AWS::Region}', region)
    .replaceAll('!Ref RolesBoundary', ROLES_BOUNDARY);
  return parse(text, { logLevel: 'silent' }).Resources;
})();
const ofDeployer = Deployer.Properties.Policies[0]?.PolicyDocument.Statement ?? [];
const deployerBoundary = DeployerBoundary.Properties.PolicyDocument;
const rolesBoundary = RolesBoundary.Properties.PolicyDocument;

const EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' };
type Context = Record<string, string | string[]>;

describe('the deployer', () => {
  const may = (action: string, resource: string, context: Context = {}, further: unknown[] = []) =>
    isAllowed(
      { action, resource, context, account, principal: iam('role/everytoken-github-deployer') },
      { own: [...ofDeployer, ...further], boundary: deployerBoundary },
    );
  const role = iam('role/everytoken-prod-ApiRole-1A2B3C');
  const bounded = { 'iam:PermissionsBoundary': ROLES_BOUNDARY };

  test('has a boundary of its own', () => {
    expect(Deployer.Properties.PermissionsBoundary).toBe('DeployerBoundary');
  });

  test.each([
    'iam:CreateRole',
    'iam:PutRolePolicy',
    'iam:AttachRolePolicy',
    'iam:PutRolePermissionsBoundary',
  ])('may %s within the roles’ boundary alone, even if it was given every permission', async (action) => {
    const other = { 'iam:PermissionsBoundary': iam('policy/AdministratorAccess') };
    for (const further of [[], [EVERYTHING]]) {
      expect(await may(action, role, bounded, further)).toBe(true);
      expect(await may(action, role, {}, further)).toBe(false);
      expect(await may(action, role, other, further)).toBe(false);
    }
  });

  test.each([
    ['iam:DeleteRolePermissionsBoundary', role],
    ['iam:CreatePolicyVersion', ROLES_BOUNDARY],
    ['iam:SetDefaultPolicyVersion', iam('policy/everytoken-deployer')],
    ['iam:DeletePolicy', ROLES_BOUNDARY],
    ['iam:PutRolePolicy', iam('role/everytoken-github-deployer')],
    ['iam:UpdateAssumeRolePolicy', iam('role/everytoken-github-deployer')],
    ['cloudformation:UpdateStack', `arn:aws:cloudformation:${region}:${account}:stack/everytoken-deployer/1`],
    ['iam:CreateUser', iam('user/someone')],
    ['iam:CreateAccessKey', iam('user/someone')],
    ['iam:UpdateOpenIDConnectProviderThumbprint', iam('oidc-provider/token.actions.githubusercontent.com')],
    ['sts:AssumeRole', role],
    ['dynamodb:PutItem', `arn:aws:dynamodb:${region}:${account}:table/everytoken-prod-Table-1`],
    ['dynamodb:Scan', `arn:aws:dynamodb:${region}:${account}:table/everytoken-prod-Table-1`],
    ['ec2:RunInstances', `arn:aws:ec2:${region}:${account}:instance/*`],
  ])('may not %s of %s, even if it was given every permission', async (action, resource) => {
    expect(await may(action, resource, bounded, [EVERYTHING])).toBe(false);
  });

  test('may take over or pass no role that a person made, nor the role for logs to anything but the gateway', async () => {
    const toLambda = { 'iam:PassedToService': 'lambda.amazonaws.com' };
    const toGateway = { 'iam:PassedToService': 'apigateway.amazonaws.com' };
    const logs = iam('role/everytoken-prod-GatewayLogRole-1A2B3C');
    expect(await may('iam:PassRole', role, toLambda)).toBe(true);
    expect(await may('iam:PassRole', logs, toGateway)).toBe(true);
    expect(await may('iam:PassRole', logs, toLambda)).toBe(false);
    for (const action of ['iam:PassRole', 'iam:UpdateAssumeRolePolicy'])
      expect(await may(action, iam('role/everytoken-admin'), toLambda)).toBe(false);
  });

  test('may do what a deployment does', async () => {
    const own = `${region}:${account}`;
    const calls: [string, string][] = [
      ['cloudformation:UpdateStack', `arn:aws:cloudformation:${own}:stack/everytoken-prod/1`],
      ['s3:PutObject', 'arn:aws:s3:::everytoken-prod-serverlessdeploymentbucket-1/a.zip'],
      ['lambda:PutFunctionEventInvokeConfig', `arn:aws:lambda:${own}:function:everytoken-prod-sweep`],
      ['dynamodb:UpdateTable', `arn:aws:dynamodb:${own}:table/everytoken-prod-Table-1`],
      ['sqs:SetQueueAttributes', `arn:aws:sqs:${own}:everytoken-prod-JobsQueue-1`],
      ['sns:SetTopicAttributes', `arn:aws:sns:${own}:everytoken-prod-alarms`],
      ['iam:GetRole', role],
      ['ssm:GetParameter', `arn:aws:ssm:${own}:parameter/everytoken/prod/openai-api-key`],
    ];
    for (const [action, resource] of calls)
      expect([action, await may(action, resource)]).toEqual([action, true]);
  });
});

describe('a role within the boundary', () => {
  const may = (action: string, resource: string, context: Context = {}, own: unknown[] = [EVERYTHING]) =>
    isAllowed(
      { action, resource, context, account, principal: iam('role/everytoken-prod-ApiRole-1A2B3C') },
      { own, boundary: rolesBoundary },
    );
  let granted: Grant[];
  beforeAll(async () => {
    const packaged = await packageFunctions(root, join(root, 'node_modules/.cache/everytoken/packages'));
    granted = [...grantsByFunction(packaged.template as Template, place).values()].flat();
  }, 120_000);

  test('may do all that the roles of functions allow', async () => {
    expect(granted.length).toBeGreaterThan(80);
    const kept: string[] = [];
    for (const grant of granted) {
      const resource =
        grant.Resource === '*'
          ? '*'
          : grant.Resource.replace(/:\*$/, ':log-stream:any').replaceAll('*', 'any');
      const kind = kindOf(grant)?.replace('*', 'any');
      const context: Context =
        kind === undefined ? { 'dynamodb:LeadingKeys': ['0'] } : { 'dynamodb:LeadingKeys': [kind] };
      const isItem = grant.Action.startsWith('dynamodb:');
      if (!(await may(grant.Action, resource, isItem ? context : {}, [grant])))
        kept.push(`${grant.Action} ${grant.Resource} ${kind}`);
    }
    expect(kept).toEqual([]);
  });

  const table = `arn:aws:dynamodb:${region}:${account}:table/everytoken-prod-Table-1`;
  test.each([
    ['dynamodb:PutItem', table, { 'dynamodb:LeadingKeys': ['APIKEY#1'] }],
    ['dynamodb:UpdateItem', table, { 'dynamodb:LeadingKeys': ['BUDGET#team'] }],
    ['dynamodb:UpdateItem', table, { 'dynamodb:LeadingKeys': ['LIMITS#team'] }],
    ['dynamodb:UpdateItem', table, {}],
    ['dynamodb:BatchWriteItem', table, { 'dynamodb:LeadingKeys': ['RUN#1'] }],
    [
      'dynamodb:GetItem',
      `arn:aws:dynamodb:${region}:${account}:table/another`,
      { 'dynamodb:LeadingKeys': ['a'] },
    ],
    ['s3:GetObject', 'arn:aws:s3:::another/object', {}],
    ['ssm:GetParameter', `arn:aws:ssm:${region}:${account}:parameter/another`, {}],
    ['logs:FilterLogEvents', `arn:aws:logs:${region}:${account}:log-group:another:log-stream:any`, {}],
    ['iam:CreateRole', iam('role/everytoken-prod-ApiRole-1'), {}],
    ['sts:AssumeRole', iam('role/another'), {}],
  ])('may not %s of %s with %j, even if it was given every permission', async (action, resource, context) => {
    expect(await may(action, resource, context as Context)).toBe(false);
  });
});

test('the policies are within IAM’s sizes', () => {
  const size = (document: unknown) => JSON.stringify(document).length;
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  expect(size(rolesBoundary)).toBeLessThan(6_144);
  expect(size(deployerBoundary)).toBeLessThan(6_144);
  expect(size(ofDeployer)).toBeLessThan(10_240);
});
