import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeActors } from './actors.ts';
import { type Finding, findingsOf, refusalsOf, tableOf } from './findings.ts';
import { type RecordedStack, startRecordedStack } from './recorded-stack.ts';
import { askForRuns, bringFiles, cleanUp, exportRuns, interrupt, makeBatches, sumUsage } from './scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-iam-'));
let stack: RecordedStack;
let findings: Finding[] = [];

beforeAll(async () => {
  stack = await startRecordedStack(folder);
  const actors = makeActors(stack);
  await Promise.all([askForRuns(actors), bringFiles(actors), interrupt(actors, stack.moody)]);
  await makeBatches(actors);
  await exportRuns(actors);
  await cleanUp(actors);
  await sumUsage(actors);
  actors.close();
  findings = await findingsOf(stack);
  console.log(`What each function may do, and what it was seen to call:\n\n${tableOf(findings)}`);
}, 240_000);
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

const FUNCTIONS = [
  'generateHttp',
  'generateQueue',
  'embed',
  'intake',
  'export',
  'sweep',
  'read',
  'pages',
  'api',
];

describe('the role of', () => {
  const idOf = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}LambdaFunction`;
  const findingOf = (name: string): Finding => {
    const finding = findings.find(({ functionId }) => functionId === idOf(name));
    if (!finding) throw new Error(`the template has no function ${name}`);
    return finding;
  };

  test.each(FUNCTIONS)('%s allows every call it makes', (name) => {
    expect(refusalsOf(findingOf(name))).toEqual([]);
  });

  test.each(FUNCTIONS)('%s grants nothing it does not need', (name) => {
    const spare = findingOf(name).grants.filter(({ isNeeded }) => !isNeeded);
    expect(spare.map(({ grant }) => `${grant.Action} ${grant.Resource}`)).toEqual([]);
  });

  test('every function of the template was checked', () => {
    expect(findings.map(({ functionId }) => functionId).toSorted()).toEqual(FUNCTIONS.map(idOf).toSorted());
  });
});

test('every recorded request was understood, and belongs to one of these functions', () => {
  expect(stack.unread).toEqual([]);
  const known = new Set(findings.map(({ functionId }) => functionId));
  expect(stack.calls.filter(({ functionId }) => !known.has(functionId))).toEqual([]);
});
