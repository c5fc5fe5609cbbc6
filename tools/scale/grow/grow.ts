import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAwsClients } from '../../local-aws-clients.ts';
import { type MeteredStack, startMeteredStack } from '../measure/metered-stack.ts';
import { between } from '../measure/meters.ts';
import { seedRuns } from './seed-runs.ts';
import { sumUsage } from './sum-usage.ts';
import type { Grown, TakenUnits } from './table.ts';

const CALLER = 'local';
const DAY_MS = 24 * 60 * 60_000;
const TIMES = 5;
const RUN = { prompt: 'Explain vector databases in a technical manner.', max_tokens: 20, background: true };

const unitsIn = (counts: Readonly<Record<string, number>>, kind: 'read' | 'write'): number =>
  Object.entries(counts).reduce(
    (sum, [name, count]) => sum + (name.startsWith(`dynamodb.${kind}Units.`) ? count : 0),
    0,
  );

/** The units that a request takes on average of `times`, once processes have read what they keep. */
export const unitsTaken = async (
  { tally }: Pick<MeteredStack, 'tally'>,
  request: () => Promise<unknown>,
  times = TIMES,
): Promise<TakenUnits> => {
  await request();
  const before = tally.read();
  for (let at = 0; at < times; at += 1) await request();
  const counts = between(before, tally.read(), times);
  return { read: unitsIn(counts, 'read'), write: unitsIn(counts, 'write') };
};

/**
 * Stores runs of one caller, spread over 30 days, and measures the requests of the API at each size. `sizes` must
 * grow. `log` gets a line for each.
 */
export const grow = async (sizes: readonly number[], log: (line: string) => void): Promise<Grown[]> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-grow-'));
  const stack = await startMeteredStack(dataDir);
  const { aws, drain } = stack;
  const { dynamodb, destroy } = localAwsClients(aws, aws);
  const asked = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${aws.api}${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  try {
    const results: Grown[] = [];
    let stored = 0;
    for (const runs of sizes) {
      const startedAt = performance.now();
      const until = Date.now();
      const period = { from: until - 30 * DAY_MS, until };
      await seedRuns(
        { client: dynamodb, table: aws.table ?? '' },
        { caller: CALLER, runs: runs - stored, ...period },
      );
      stored = runs;
      await sumUsage({ client: dynamodb, table: aws.table ?? '' }, CALLER, period.from);
      log(`${runs} runs stored and summed, in ${Math.round((performance.now() - startedAt) / 1_000)} s`);
      let id = '';
      const accept = await unitsTaken(stack, async () => {
        ({ id } = (await asked('/runs', RUN)) as { id: string });
      });
      await drain();
      const since = new Date(period.from).toISOString();
      results.push({
        runs,
        accept,
        get: await unitsTaken(stack, () => asked(`/runs/${id}`)),
        list: await unitsTaken(stack, () => asked('/runs?limit=20')),
        usage: await unitsTaken(stack, () => asked(`/usage?since=${since}`)),
      });
      log(JSON.stringify(results.at(-1)));
    }
    return results;
  } finally {
    destroy();
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
};
