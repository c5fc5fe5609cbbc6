import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { initOptions } from '../cli/commands/init/init-options.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.github/workflows');
const files = readdirSync(folder);
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

type Step = { id?: string; uses?: string; run?: string; with?: Record<string, unknown> };
type Job = { needs?: string; environment?: string; permissions: Record<string, string>; steps: Step[] };
type Workflow = {
  permissions: Record<string, string>;
  env?: Record<string, string>;
  jobs: Record<string, Job>;
};
const workflowOf = (file: string): Workflow => parse(read(file));
const jobs = files.flatMap((file) =>
  Object.entries(workflowOf(file).jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);
const lines = ({ steps }: Job): string[] => steps.flatMap(({ run }) => run?.trim().split('\n') ?? []);

const made: string[] = [];
afterEach(() => {
  for (const each of made.splice(0)) rmSync(each, { recursive: true, force: true });
});

describe('every workflow', () => {
  test.each(files)('%s uses actions by commit, with the version in a comment', (file) => {
    const uses = [...read(file).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('uses one commit for each version of an action', () => {
    const all = files.flatMap((file) => [...read(file).matchAll(/uses: (\S+)@(\w+) # (\S+)/g)]);
    const commits = Map.groupBy(all, ([, name, , version]) => `${name} ${version}`);
    for (const [name, uses] of commits)
      expect([name, new Set(uses.map(([, , commit]) => commit)).size]).toEqual([name, 1]);
  });

  test.each(files)('%s has no permission but those of its jobs', (file) => {
    const { permissions, jobs: each } = workflowOf(file);
    expect(permissions).toEqual({});
    for (const { permissions: own } of Object.values(each)) expect(own).toBeDefined();
  });

  test('keeps the repository’s token out of the folder it checks out', () => {
    const checkouts = jobs
      .flatMap(([, { steps }]) => steps)
      .filter(({ uses }) => uses?.startsWith('actions/checkout'));
    expect(checkouts.length).toBeGreaterThan(2);
    for (const { with: settings } of checkouts)
      expect(settings).toMatchObject({ 'persist-credentials': false });
  });
});

describe('a job with a token of AWS, or one that writes,', () => {
  const trusted = jobs.filter(([, { permissions }]) => Object.values(permissions).includes('write'));

  test('is the one that deploys, or the one that releases', () => {
    expect(trusted.map(([name, { permissions }]) => [name, permissions])).toEqual([
      ['deploy.yml deploy', { contents: 'read', 'id-token': 'write' }],
      ['release.yml release', { contents: 'write' }],
    ]);
  });

  test('runs no script of a dependency, no check and no bundler', () => {
    for (const [name, job] of trusted) {
      const risky = lines(job).filter((line) =>
        /npm (run|test|exec|install)|npm ci(?! --ignore-scripts)|serverless package|\.ci\/run/.test(line),
      );
      expect([name, risky]).toEqual([name, []]);
    }
  });

  test('uses what another job made only after it has compared the hash', () => {
    for (const [, { needs, steps }] of trusted) {
      expect(needs).toBeDefined();
      const downloaded = steps.findIndex(({ uses }) => uses?.startsWith('actions/download-artifact'));
      expect(steps[downloaded + 1]?.id).toBe('verify');
    }
  });
});

describe('the workflow that deploys', () => {
  const { build, deploy } = workflowOf('deploy.yml').jobs;
  if (!build || !deploy) throw new Error('deploy.yml must have the jobs build and deploy');
  const stepOf = ({ steps }: Job, id: string): string => steps.find((step) => step.id === id)?.run ?? '';

  /** Runs a step's lines as GitHub does. Resolves to the outputs that it sets. */
  const runStep = (script: string, cwd: string, env: Record<string, string> = {}): Record<string, string> => {
    const output = join(cwd, 'output');
    writeFileSync(output, '');
    execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd,
      env: { PATH: process.env.PATH, GITHUB_OUTPUT: output, ...env },
      stdio: 'pipe',
    });
    return Object.fromEntries(
      readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('=', 2)),
    );
  };
  /** A package as the first job hands it over. */
  const packed = () => {
    const at = mkdtempSync(join(tmpdir(), 'everytoken-package-'));
    made.push(at);
    mkdirSync(join(at, 'package'));
    writeFileSync(join(at, 'package', 'api.zip'), 'code');
    const { sha256 = '' } = runStep(stepOf(build, 'pack'), at);
    rmSync(join(at, 'package'), { recursive: true });
    return { at, sha256 };
  };

  test('deploys the package that was built', () => {
    const { at, sha256 } = packed();
    runStep(stepOf(deploy, 'verify'), at, { SHA256: sha256 });
    expect(readFileSync(join(at, 'package', 'api.zip'), 'utf8')).toBe('code');
  });

  test.each([
    ['was changed on its way', (sha256: string) => sha256, 'another'],
    ['has no hash', () => '', undefined],
  ])('ends before it unpacks a package that %s', (_, hash, content) => {
    const { at, sha256 } = packed();
    if (content !== undefined) writeFileSync(join(at, 'package.tgz'), content);
    expect(() => runStep(stepOf(deploy, 'verify'), at, { SHA256: hash(sha256) })).toThrow();
    expect(readdirSync(at)).not.toContain('package');
  });

  test('takes the hash from the first job’s output, and deploys in the environment that the role trusts', () => {
    expect(read('deploy.yml')).toMatch(/SHA256: "\$\{\{ needs\.build\.outputs\.sha256 \}\}"/);
    expect([deploy.needs, deploy.environment, build.environment]).toEqual(['build', 'prod', undefined]);
    expect(lines(deploy).at(-1)).toMatch(/^npx serverless deploy .*--package package$/);
  });

  test('packages and deploys one stage, within the boundary that the deployer’s role demands', () => {
    const boundary = /ManagedPolicyName: (\S+)/.exec(
      readFileSync(join(root, 'docs/examples/deployer-role.yml'), 'utf8'),
    )?.[1];
    const commands = [...lines(build), ...lines(deploy)].filter((line) => line.startsWith('npx serverless'));
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      expect(command).toContain('--stage prod --region "$AWS_REGION"');
      expect(command).toContain(`--param="boundary=${boundary}"`);
    }
  });

  test('calls init with its real options, and stores nothing', () => {
    const line = lines(deploy).find((each) => each.includes('everytoken init')) ?? '';
    const words = line.split('everytoken init ')[1]?.replaceAll('"', '').split(' ') ?? [];
    expect(initOptions(words)).toMatchObject({ stage: 'prod', checkOnly: true, rotate: false });
  });

  test('hands over every setting that a deployment takes from the environment', () => {
    const definition = [
      'serverless.yml',
      'infra/public-settings.cjs',
      'infra/namespace.cjs',
      'infra/retention-days.cjs',
    ]
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n');
    const taken = [
      ...[...definition.matchAll(/\$\{env:(\w+)/g)],
      ...[...definition.matchAll(/process\.env\.(\w+)/g)],
      ...[...definition.matchAll(/address\('(\w+)'\)/g)],
    ].map(([, name = '']) => name);
    const given = Object.keys(workflowOf('deploy.yml').env ?? {});
    expect(given).toEqual(expect.arrayContaining([...new Set(taken)]));
  });
});

test('dependabot looks after packages and actions', () => {
  const { updates } = parse(readFileSync(join(root, '.github/dependabot.yml'), 'utf8'));
  expect(updates.map((each: Record<string, unknown>) => each['package-ecosystem'])).toEqual([
    'npm',
    'github-actions',
  ]);
});
