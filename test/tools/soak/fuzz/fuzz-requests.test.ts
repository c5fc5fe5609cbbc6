import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { intakeObject } from '../../../../lib/files/read/intake.ts';
import { makeProblem } from '../../../../lib/http/problem.ts';
import { type FuzzRequest, operationsOf } from '../../../../tools/soak/fuzz/draw-request.ts';
import { fuzzRequests, isAsking, printed } from '../../../../tools/soak/fuzz/fuzz-requests.ts';
import { failedRun } from '../../../fixtures/run-view.ts';
import { makeWorld } from '../../../memory/world.ts';
import { makeWorldTarget } from './world-target.ts';

const document = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../../../docs/openapi.json'), 'utf8'),
);

test('no request causes a 5xx, each answer is as documented, and a refusal changes nothing', async () => {
  const seed = 20261130;
  const world = makeWorld();
  const lines = [{ prompt: 'one' }, { prompt: 'two', max_tokens: 0 }];
  await intakeObject(world.drop('prompts/@local/questions.json', JSON.stringify(lines)), world.deps);
  const files = [...world.files.files.keys()];
  const fuzz = { seed, requests: 1_200, lanes: 1, batch: 1, document, files };
  const report = await fuzzRequests(fuzz, makeWorldTarget(world));
  const { sent, compared, refusalsCompared } = report;
  console.log(
    `seed ${seed}: ${sent} requests, state compared ${compared} times, around ${refusalsCompared} refusals`,
  );
  expect(report.broken.join('\n')).toBe('');
  // Each route has refused a request, and has answered one.
  for (const [route, statuses] of report.statuses) {
    expect(
      [...statuses.keys()].some((status) => status >= 400),
      route,
    ).toBe(true);
  }
  expect(report.statuses.size).toBe(operationsOf(document).length);
  expect(refusalsCompared).toBeGreaterThan(200);
});

test('a refusal that changes something is found, and the same seed repeats the same requests', async () => {
  const sent: string[][] = [[], []];
  for (const printedOnes of sent) {
    let refusals = 0;
    const target = {
      settle: async () => {},
      snapshot: async () => new Map([['counter', String(refusals)]]),
      send: async (request: FuzzRequest) => {
        printedOnes.push(printed(request));
        refusals += 1;
        const headers = new Headers({ 'content-type': 'application/problem+json' });
        return { status: 404, headers, body: JSON.stringify(makeProblem('not_found', 'no')) };
      },
    };
    const fuzz = { seed: 3, requests: 10, lanes: 1, batch: 1, document };
    const { broken } = await fuzzRequests(fuzz, target);
    expect(broken.join()).toContain('changed counter');
  }
  expect(sent[0]).toEqual(sent[1]);
});

test('a run that failed with a 400 is an accepted run, not a refusal that changed something', async () => {
  let runs = 0;
  const target = {
    settle: async () => {},
    snapshot: async () => new Map([['runs', String(runs)]]),
    send: async ({ method, path }: FuzzRequest) => {
      const headers = new Headers({ 'content-type': 'application/problem+json' });
      if (method !== 'POST' || !isAsking(path))
        return { status: 404, headers, body: JSON.stringify(makeProblem('not_found', 'no')) };
      runs += 1;
      headers.set('x-everytoken-run-id', `run_${runs}`);
      const body = { ...makeProblem('sampling_not_applied', 'no'), run: failedRun('sampling_not_applied') };
      return { status: 400, headers, body: JSON.stringify(body) };
    },
  };
  const fuzz = { seed: 3, requests: 60, lanes: 1, batch: 1, document };
  const { accepted, broken } = await fuzzRequests(fuzz, target);
  expect(runs).toBeGreaterThan(0);
  expect(accepted.size).toBe(runs);
  expect(broken.filter((what) => what.includes('changed'))).toEqual([]);
});
