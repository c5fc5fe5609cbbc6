import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { freshSeed } from '../../../../local/model/random.ts';
import { enumerate } from '../../../crash/enumerate.ts';
import { CRASH_POINTS } from '../../../crash/faults.ts';
import { runWithFaults, type Scenario } from '../../../crash/scenarios.ts';
import type { World } from '../../../memory/world.ts';

const KEY = 'prompts/later.jsonl';
const limits = {
  blockLines: 2,
  blockBytes: 10_000,
  openBlocks: 2,
  firstWindow: 2,
  partBytes: 4_000,
  readBytes: 64,
};
const jsonLines = (...texts: string[]) => texts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join('');

/** Ends all open batches, with one line of each unanswered. */
const endOpen = ({ batchServer }: World) => {
  for (const { job } of batchServer.batches.values()) {
    if (job.status === 'open')
      batchServer.end(job.id, 'expired', (prompt) => (prompt === 'late' ? null : { text: prompt }));
  }
};

const scenario = (most: number): Scenario => ({
  name: 'a file of two batches',
  world: { limits, batchLimits: { lines: 3, bytes: 1e6 } },
  begin: async (machine, world) => {
    await world.content.put(`${KEY}.defaults.json`, '{"mode":"batch"}', 'application/json');
    await machine.objects.send(world.drop(KEY, jsonLines('one', 'one', 'late', 'two')));
    await machine.untilQuiet(async () => endOpen(world));
  },
  expected: (world) => {
    const [file] = world.files.files.values();
    assert.deepEqual([file?.status, file?.lines], ['completed_with_errors', 4]);
    assert.partialDeepStrictEqual(file?.counts, { completed: 3, failed: 1 });
    assert.ok(
      world.batchServer.batches.size <= most,
      `${world.batchServer.batches.size} batches were created`,
    );
  },
});

describe('a file of two batches', () => {
  test('reaches its one end whichever effect fails, and with crashes at any two effects', async () => {
    // A client that itself repeats a creation pays for two batches, and for no more.
    const tally = await enumerate(scenario(3), { most: 40, seed: freshSeed(), faultsOfRepeated: 1 });
    expect(tally.points).toBeGreaterThan(tally.effects);
    expect(tally.pairs).toBe(40);
  }, 600_000);

  test('creates each batch once, wherever its worker crashes or an answer is lost', async () => {
    const { length } = await runWithFaults(scenario(2));
    for (let at = 1; at <= length; at += 1)
      for (const fault of CRASH_POINTS) await runWithFaults(scenario(2), new Map([[at, fault]]));
    expect(length).toBeGreaterThan(50);
  }, 600_000);
});
