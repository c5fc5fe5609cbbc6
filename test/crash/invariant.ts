import { expect } from 'vitest';
import { chunkText } from '../../lib/embed/chunk-text.ts';
import { vectorId } from '../../lib/embed/vector-metadata.ts';
import { sha256Hex } from '../../lib/runs/canonical-json.ts';
import type { OutputObject } from '../../lib/runs/generation.ts';
import { outputKey } from '../../lib/runs/run-events.ts';
import type { World } from '../memory/world.ts';

/** What holds of everything that was accepted, once nothing moves any more. */
export const expectAllEnded = async (world: World): Promise<void> => {
  const vectors: Record<string, string> = {};
  const completed: string[] = [];
  const failed: string[] = [];
  for (const run of world.runs.runs.values()) {
    expect(['completed', 'failed', 'deleted']).toContain(run.status);
    expect(run).toMatchObject({ lease: null, pending: [], dueAt: null });
    if (run.status === 'failed') {
      expect(run.error?.code).toMatch(/./);
      failed.push(`${run.id}.RunFailed`);
    }
    if (run.status === 'deleted') {
      expect(run.request).toBeNull();
      const left = [...world.content.objects.keys()].filter((key) => key.includes(run.id));
      expect(left).toEqual([]);
    }
    if (run.status !== 'completed') continue;
    completed.push(`${run.id}.RunCompleted`);
    for (const [index, figures] of run.generations.entries()) {
      if (figures.status === 'failed') continue;
      const { generation }: OutputObject = JSON.parse(
        await world.content.get(outputKey(run.id, index, figures.lease)),
      );
      expect(sha256Hex(generation.text ?? '')).toBe(figures.sha256);
      if (!run.index) continue;
      chunkText(generation.text ?? '').forEach((text, chunk) => {
        vectors[vectorId(run.id, index, chunk)] = text;
      });
    }
  }
  const stored = [...world.vectors.namespaces.values()].flatMap((records) => [...records.values()]);
  expect(Object.fromEntries(stored.map(({ id, metadata }) => [id, metadata.text]))).toEqual(vectors);
  expect(new Set(world.bus.idsOf('RunCompleted')).isSupersetOf(new Set(completed))).toBe(true);
  expect(new Set(world.bus.idsOf('RunFailed'))).toEqual(new Set(failed));
  await expectFilesEnded(world);
};

const expectFilesEnded = async (world: World): Promise<void> => {
  const ended: string[] = [];
  for (const file of world.files.files.values()) {
    expect(['completed', 'completed_with_errors', 'failed']).toContain(file.status);
    expect(file).toMatchObject({ lease: null, pending: false, dueAt: null });
    ended.push(`${file.id}.FileCompleted`);
    const results = await world.content.get(`results/${file.key}.${file.id}.jsonl`);
    const rows = results
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row));
    if (file.status !== 'failed') {
      expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: file.lines }, (_, at) => at + 1));
      const ids = rows.flatMap(({ run_id }) => (run_id === null ? [] : [run_id]));
      expect(new Set(ids).size).toBe(ids.length);
    }
    if ((await world.files.newest(file.key)) === file.id) {
      expect(await world.content.get(`results/${file.key}.jsonl`)).toBe(results);
      expect(world.content.objects.has(`results/${file.key}.summary.json`)).toBe(true);
    }
  }
  for (const { key } of world.files.files.values()) expect(await world.files.newest(key)).toBeDefined();
  for (const block of world.files.blocks.values()) expect(block).toMatchObject({ dueAt: null });
  expect(new Set(world.bus.idsOf('FileCompleted'))).toEqual(new Set(ended));
};
