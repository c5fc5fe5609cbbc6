import { beforeAll, describe, expect, test } from 'vitest';
import type { ComparisonEstimate } from '../../lib/comparisons/estimate.ts';
import type { ListedComparison } from '../../lib/comparisons/list-entry.ts';
import type { ComparisonAnswer } from '../../lib/comparisons/texts.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import type { RunningStack } from './stack-process.ts';

const LIMIT_MS = 60_000;
const compared = {
  prompts: ['Explain ties.', 'Explain ranks.'],
  settings: [{ label: 'a' }, { label: 'b', temperature: 1.2 }],
  samples: 2,
  max_tokens: 12,
  extra_body: { pace: 0 },
  checks: [{ type: 'max_length', value: 10_000 }],
};

type List = { data: ListedComparison[]; next_cursor: string | null };

export const describeComparisons = (stack: () => RunningStack) =>
  describe('comparisons', () => {
    let api: Client;
    beforeAll(() => {
      api = clientOf(stack().file.api);
    });

    const create = async (name: string): Promise<ComparisonAnswer> => {
      const answer = await api.send('/comparisons', { ...compared, name });
      expect(answer.status).toBe(202);
      return (await answer.json()) as ComparisonAnswer;
    };
    const listed = async (id: string): Promise<ListedComparison | undefined> =>
      (await api.get<List>('/comparisons?limit=100')).body.data.find((each) => each.id === id);
    const ended = (id: string) =>
      pollUntil(
        () => `the end of ${id}`,
        async () => {
          const entry = await listed(id);
          return entry?.status !== 'generating' && entry?.status !== 'generated' && entry;
        },
        LIMIT_MS,
      );

    test('are estimated, made under a name, listed until they end, and answered with their texts', async () => {
      const { id } = await create('Ties and ranks');
      expect(await ended(id)).toMatchObject({
        ...{ id, name: 'Ties and ranks', status: 'completed', stopped: null, error: null },
        progress: { blocks: 4, done: 4, generations: 8 },
      });
      const { body } = await api.get<ComparisonAnswer>(`/comparisons/${id}`);
      const outputs = (body.texts ?? []).flatMap((block) => block.outputs);
      expect(outputs).toHaveLength(8);
      for (const { run_id, index, label, text, passed } of outputs) {
        const { body: run } = await api.get(`/runs/${run_id}`);
        expect(run.generations[index]).toMatchObject({ label, text });
        expect(passed).toBe(true);
      }

      const answer = await api.send('/comparisons/estimate', compared);
      expect(answer.status).toBe(200);
      const { settings, ...estimate } = (await answer.json()) as ComparisonEstimate;
      expect(estimate).toMatchObject({ blocks: 4, generations: 8, warm_ups: 1 });
      for (const [at, { completion_tokens, earlier_outputs }] of settings.entries()) {
        const { mean, n } = body.settings[at]?.completion_tokens ?? { mean: 0, n: 0 };
        expect(completion_tokens.high).toBeGreaterThanOrEqual((mean ?? 0) * n);
        expect(earlier_outputs).toBeGreaterThanOrEqual(8);
      }

      const { run_id } = outputs[0] ?? { run_id: '' };
      expect((await api.call(`/runs/${run_id}`, { method: 'DELETE' })).status).toBe(204);
      const { body: later } = await api.get<ComparisonAnswer>(`/comparisons/${id}`);
      expect(later.settings).toEqual(body.settings);
      expect(later.texts?.[0]?.outputs.map(({ status, text }) => [status, text])).toEqual([
        ['deleted', null],
        ['deleted', null],
      ]);
    });

    test('that are cancelled say so in the list, and are listed no more when they are deleted', async () => {
      const { id } = await create('To be cancelled');
      expect((await api.call(`/comparisons/${id}/cancel`, { method: 'POST' })).status).toBe(200);
      const entry = await ended(id);
      expect(['failed', 'completed_with_errors', 'completed']).toContain(entry.status);
      expect(entry.stopped).toMatchObject({ code: 'cancelled' });
      expect((await api.call(`/comparisons/${id}`, { method: 'DELETE' })).status).toBe(204);
      expect(await listed(id)).toBeUndefined();
    });

    test('are listed page by page, apart from prompt files', async () => {
      const { id } = await create('One more');
      const ids: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const at: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
        const { body } = await api.get<List>(`/comparisons?limit=1${at}`);
        ids.push(...body.data.map((each) => each.id));
        cursor = body.next_cursor;
      }
      expect(ids[0]).toBe(id);
      expect(new Set(ids).size).toBe(ids.length);
      const files = (await api.get<{ data: { id: string }[] }>('/files?limit=100')).body.data;
      expect(files.filter((file) => file.id.startsWith('cmp_'))).toEqual([]);
      await ended(id);
    });
  });
