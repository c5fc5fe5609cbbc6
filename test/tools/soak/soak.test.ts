import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { holds, reportOf } from '../../../tools/soak/report.ts';
import { soak } from '../../../tools/soak/soak.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-soak-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Without a kill and without faults of the AWS parts, since these leave leases of a minute behind, and without odd
// answers, after which a throttled run waits. `npm run soak` has them all.
const options = {
  ...{ minutes: 0.12, pauseMs: 100, killEverySeconds: 0, awsFaultRate: 0, oddAnswerRate: 0, seed: 11 },
  ...{ requests: 24, files: 8 },
};

test('nothing is lost, doubled or left over while a tenth of the model’s and index’s answers fail', async () => {
  const result = await soak(options, folder, () => undefined);
  const report = reportOf(options, result);
  console.log(report);
  expect(holds(result), report).toBe(true);
  expect(result.audit.accepted).toBeGreaterThan(3);
  expect(result.faults.openai?.requests).toBeGreaterThan(result.audit.accepted);
}, 90_000);
