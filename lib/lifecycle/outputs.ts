import type { Generation } from '../runs/generation.ts';
import { decodeGeneration } from '../runs/output-object.ts';
import type { ContentStore } from '../runs/ports.ts';

/**
 * Finished outputs of a run's earlier leases, by index: they were paid for, so they are kept. A failed one is
 * tried again.
 */
export const savedGenerations = async (
  runId: string,
  { content }: { content: ContentStore },
): Promise<Map<number, { generation: Generation; lease: string }>> => {
  const saved = new Map<number, { generation: Generation; lease: string }>();
  for (const key of await content.list(`outputs/${runId}/`)) {
    const [, index, lease] = /\/(\d+)\.([0-9a-f]+)\.json$/.exec(key) ?? [];
    if (index === undefined || lease === undefined || saved.has(Number(index))) continue;
    const generation = decodeGeneration(await content.get(key));
    if (generation.status === 'completed') saved.set(Number(index), { generation, lease });
  }
  return saved;
};
