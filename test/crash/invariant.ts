import assert from 'node:assert/strict';
import { sha256Hex } from '../../lib/json/canonical-json.ts';
import type { OutputObject } from '../../lib/runs/generation.ts';
import { outputKey, requestKey, vectorId } from '../../lib/runs/keys.ts';
import { STAGES, stageOf } from '../../lib/runs/list/entry.ts';
import { makePart, totalPart, type UsagePart } from '../../lib/runs/list/parts.ts';
import { readUsage } from '../../lib/usage/read.ts';
import { chunkText } from '../../lib/vectors/chunk-text.ts';
import type { World } from '../memory/world.ts';

/** Checks the invariants of everything that was accepted, once no work is left. */
export const expectAllEnded = async (world: World): Promise<void> => {
  const vectors: Record<string, string> = {};
  const completed: string[] = [];
  const failed: string[] = [];
  for (const run of world.runs.runs.values()) {
    assert.ok(
      ['completed', 'failed', 'cancelled', 'deleted'].includes(run.status),
      `${run.id} is ${run.status}`,
    );
    assert.partialDeepStrictEqual(run, { lease: null, dueAt: null });
    assert.deepEqual(run.pending, []);
    if (run.status === 'failed' || run.status === 'cancelled') {
      assert.ok(run.error?.code, `${run.id} is ${run.status} without a code`);
      failed.push(`${run.id}.RunFailed`);
    }
    if (run.status === 'deleted') {
      assert.equal(run.request, null);
      const turns = [...world.conversations.turns.values()].flat();
      assert.ok(!turns.some(({ id }) => id === run.id), `${run.id} is still a turn`);
      const left = [...world.content.objects.keys()].filter((key) => key.includes(run.id));
      assert.deepEqual(left, []);
    }
    if (!run.store) expectNoRequest(run.id, world);
    if (run.status !== 'completed') continue;
    completed.push(`${run.id}.RunCompleted`);
    for (const [index, figures] of run.generations.entries()) {
      if (figures.status === 'failed') continue;
      const { generation }: OutputObject = JSON.parse(
        await world.content.get(outputKey(run.id, index, figures.lease)),
      );
      if (!run.store) assert.deepEqual([generation.text, figures.sha256], [null, null]);
      else assert.equal(sha256Hex(generation.text ?? ''), figures.sha256);
      if (!run.index) continue;
      chunkText(generation.text ?? '').forEach((text, chunk) => {
        vectors[vectorId(run.id, index, chunk)] = text;
      });
    }
  }
  const stored = [...world.vectors.namespaces.values()].flatMap((records) => [...records.values()]);
  assert.deepEqual(Object.fromEntries(stored.map(({ id, metadata }) => [id, metadata.text])), vectors);
  assert.deepEqual(sent(world, 'RunCompleted'), new Set(completed));
  assert.deepEqual(sent(world, 'RunFailed'), new Set(failed));
  expectListed(world);
  await expectSummed(world);
  await expectFilesEnded(world);
};

const expectNoRequest = (id: string, { content, runs }: World): void => {
  assert.equal(runs.runs.get(id)?.request, null);
  assert.ok(!content.objects.has(requestKey(id)), `the request of ${id} is still there`);
};

/** Every run stands in its caller's list with its status and usage; an open entry belongs to no run. */
const expectListed = ({ list, runs }: World): void => {
  const entries = [...list.entries.values()].filter((entry) => stageOf(entry) !== STAGES.open);
  assert.equal(entries.length, runs.runs.size);
  for (const entry of entries) {
    const run = runs.runs.get(entry.id);
    assert.ok(run, `${entry.id} is in a list alone`);
    assert.equal(entry.status, run.status);
    const used = totalPart([makePart({ model: null, label: null }, run.generations)]);
    assert.deepEqual(sizesOf(totalPart(entry.parts)), sizesOf(used));
    if (run.status === 'deleted') assert.deepEqual([entry.promptPreview, entry.textPreview], [null, null]);
    else if (run.status === 'completed' && run.index) assert.notEqual(entry.textPreview, null);
  }
};

/** The sums of all closed days are those of the runs, deleted ones included, and no live run had to be read. */
const expectSummed = async (world: World): Promise<void> => {
  const runs = [...world.runs.runs.values()];
  for (const [caller, own] of Map.groupBy(runs, (run) => run.caller)) {
    const days = own.map(({ createdAt }) => createdAt.slice(0, 10)).sort();
    const since = `${days[0]}T00:00:00.000Z`;
    const until = new Date(Date.parse(days.at(-1) ?? '') + 86_400_000).toISOString();
    const closed = { ...world, clock: { now: () => Date.parse(until) + 86_400_000 }, maxRuns: 0 };
    const { total, truncated } = await readUsage({ since, until, groupBy: [] }, [caller], closed);
    const used = totalPart(own.map((run) => makePart({ model: null, label: null }, run.generations)));
    const expected = {
      requests: own.length,
      generations: used.completed + used.failed,
      prompt_tokens: used.promptTokens,
      completion_tokens: used.completionTokens,
      cost_usd: used.costUsd.toPrecision(9),
    };
    const cost_usd = (total.cost_usd ?? 0).toPrecision(9);
    assert.partialDeepStrictEqual({ ...total, cost_usd, truncated }, { ...expected, truncated: false });
  }
};

const sizesOf = ({ completed, failed, promptTokens, completionTokens, costUsd }: UsagePart) => ({
  ...{ completed, failed, promptTokens, completionTokens },
  costUsd: costUsd.toPrecision(9),
});

const expectFilesEnded = async (world: World): Promise<void> => {
  const ended: string[] = [];
  const deleted = new Set<string>();
  for (const file of world.files.files.values()) {
    if (file.status === 'deleted') {
      deleted.add(`${file.id}.FileCompleted`);
      assert.partialDeepStrictEqual(file, {
        key: '',
        etag: '',
        lease: null,
        dueAt: null,
        purge: null,
        error: null,
      });
      assert.deepEqual(
        [...world.content.objects.keys()].filter((key) => key.includes(file.id)),
        [],
      );
      assert.deepEqual(
        [...world.files.blocks.values()].filter(({ fileId }) => fileId === file.id),
        [],
      );
      assert.ok(![...world.files.newestByKey.values()].some(({ fileId }) => fileId === file.id));
      continue;
    }
    assert.ok(
      ['completed', 'completed_with_errors', 'failed', 'cancelled'].includes(file.status),
      `${file.id} is ${file.status}`,
    );
    assert.partialDeepStrictEqual(file, { lease: null, pending: false, dueAt: null });
    ended.push(`${file.id}.FileCompleted`);
    const results = await world.content.get(`results/${file.key}.${file.id}.jsonl`);
    const rows = results
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row));
    if (file.status !== 'failed' && file.status !== 'cancelled') {
      // The rows of a batch have these fields beside the response.
      const facts = rows.map(({ everytoken, ...row }) => everytoken ?? row);
      assert.deepEqual(
        facts.map(({ line }) => line),
        Array.from({ length: file.lines }, (_, at) => at + 1),
      );
      const ids = facts.flatMap(({ run_id }) => (run_id === null ? [] : [run_id]));
      assert.equal(new Set(ids).size, ids.length);
    }
    if ((await world.files.newest(file.key)) === file.id) {
      assert.equal(await world.content.get(`results/${file.key}.jsonl`), results);
      assert.ok(world.content.objects.has(`results/${file.key}.summary.json`));
    }
  }
  for (const { key, status } of world.files.files.values())
    assert.ok(status === 'deleted' || (await world.files.newest(key)));
  for (const block of world.files.blocks.values()) assert.equal(block.dueAt, null);
  const told = world.bus.idsOf('FileCompleted').filter((id) => !deleted.has(String(id)));
  assert.deepEqual(new Set(told), new Set(ended));
};

/** Ids of the sent events of a type, without those of runs that were deleted afterwards. */
const sent = ({ bus, runs }: World, type: 'RunCompleted' | 'RunFailed'): Set<string> =>
  new Set(
    bus.events.flatMap(({ type: sentType, detail }) =>
      sentType === type && runs.runs.get(String(detail.run_id))?.status !== 'deleted'
        ? [String(detail.event_id)]
        : [],
    ),
  );
