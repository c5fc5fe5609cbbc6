import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { own } from '../../../../lib/json/value.ts';
import { measureRuns } from '../../../../tools/scale/measure/measure.ts';
import { type MeteredStack, startMeteredStack } from '../../../../tools/scale/measure/metered-stack.ts';
import { type Counts, MEASURED } from '../../../../tools/scale/measured.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-scale-'));
let stack: MeteredStack;
beforeAll(async () => {
  stack = await startMeteredStack(dataDir);
});
afterAll(async () => {
  await stack?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Figures that depend neither on the machine nor on the model's answers. */
const FIXED =
  /^(?:dynamodb\.|events\.put|s3\.(?:put|get|list|head)$|lambda\.\w+\.invocations|sqs\.|pinecone\.upserts)/;
/** To a tenth: the measured averages include what some runs read again, since it was cached for a minute. */
const fixed = (counts: Counts): Counts =>
  Object.fromEntries(
    Object.entries(counts)
      .filter(([name]) => FIXED.test(name))
      .map(([name, count]) => [name, Math.round(count * 10) / 10]),
  );

/** The fewest of each: a process writes some marks once an hour, on whichever run comes then. */
const fewest = (all: Counts[]): Counts =>
  Object.fromEntries(
    [...new Set(all.flatMap((counts) => Object.keys(counts)))].map((name) => [
      name,
      Math.min(...all.map((counts) => own(counts, name) ?? 0)),
    ]),
  );

test('a run still uses the resources recorded in tools/scale/measured.json', async () => {
  await measureRuns(stack, {}, { runs: 1, together: false }); // reads what workers cache for a minute
  const measured: Counts[] = [];
  while (measured.length < 3) measured.push(await measureRuns(stack, {}, { runs: 1, together: false }));
  expect(fixed(fewest(measured)), 'measure anew: npm run cost -- --measure, then --write').toEqual(
    fixed(MEASURED.alone),
  );
});
