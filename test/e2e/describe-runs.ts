import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeGeneration, decodeTrace } from '../../lib/runs/output-object.ts';
import { wordsToStore } from '../../lib/vectors/words.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import { type AwsClients, awsClients, pineconeOf } from './stack-clients.ts';
import type { RunningStack } from './stack-process.ts';

const fast = { extra_body: { pace: 0 } };
const team = randomUUID();
const body = {
  ...fast,
  prompt: 'Explain vector databases in a technical manner.',
  max_tokens: 24,
  temperature: 0.5,
  settings: [
    { label: 'Top-k 40', top_k: 40, top_p: 1 },
    { label: 'Top-p 0.9', top_p: 0.9 },
  ],
  samples: 2,
  metadata: { team },
};

export const describeRuns = (stack: () => RunningStack) =>
  describe('POST /runs', () => {
    let api: Client;
    let aws: AwsClients;
    let id = '';
    beforeAll(() => {
      api = clientOf(stack().file.api);
      aws = awsClients(stack().file);
    });
    afterAll(() => aws.destroy());

    test('answers 201 with every text, and the run becomes completed without further calls', async () => {
      const { status, headers, body: run } = await api.run(body);
      id = run.id;
      expect(status).toBe(201);
      expect(headers.get('location')).toBe(`/runs/${id}`);
      expect(headers.get('x-everytoken-run-id')).toBe(id);
      expect(headers.get('server-timing')).toMatch(/dur=[\d.]+/);
      expect(run).toMatchObject({
        object: 'run',
        status: 'generated',
        model: 'everytoken-ngram',
        metadata: { team },
      });
      expect(run.generations.map(({ index, label, sample }) => [index, label, sample])).toEqual([
        [0, 'Top-k 40', 0],
        [1, 'Top-k 40', 1],
        [2, 'Top-p 0.9', 0],
        [3, 'Top-p 0.9', 1],
      ]);
      for (const { text, output_sha256, usage, timing } of run.generations) {
        expect(
          createHash('sha256')
            .update(text ?? '')
            .digest('hex'),
        ).toBe(output_sha256);
        expect(usage.completion_tokens).toBeGreaterThan(0);
        expect(timing?.e2e_ms).toBeGreaterThan(timing?.ttft_ms ?? Infinity);
        expect(timing?.token_count_source).toBe('continuous_usage');
        expect(timing?.itl_ms?.n).toBeGreaterThan(0);
      }
      const completed = await api.completed(id);
      expect(completed.generations.map(({ vector_ids }) => vector_ids)).toEqual(
        [0, 1, 2, 3].map((index) => [`${id}#${index}#0`]),
      );
      expect(completed.diversity?.embedding_diversity).toBeGreaterThan(0);
    });

    test('stores the run in DynamoDB and its outputs in S3', async () => {
      // RunCompleted is sent right after the status is written, and only then the due time is removed.
      await pollUntil('nothing is due', async () => (await aws.runItem(id))?.due_at === undefined);
      const item = await aws.runItem(id);
      expect(item).toMatchObject({
        id,
        caller: 'local',
        status: 'completed',
        labels: ['Top-k 40', 'Top-p 0.9'],
      });
      expect(item).not.toHaveProperty('due_at');
      const { body: run } = await api.get(`/runs/${id}`);
      const keys = await aws.keys(`outputs/${id}/`);
      expect(keys).toHaveLength(4);
      for (const key of keys) {
        const json = await aws.text(key);
        const generation = decodeGeneration(json, () => ({}));
        const trace = decodeTrace(json);
        const shown = run.generations[generation.index];
        expect(
          createHash('sha256')
            .update(generation.text ?? '')
            .digest('hex'),
        ).toBe(shown?.output_sha256);
        expect(trace.chunks.map(({ text }) => text).join('')).toBe(shown?.text);
      }
    });

    test('stores its vectors in Pinecone, in the namespace of model and caller, with the figures beside them', async () => {
      const { body: run } = await api.get(`/runs/${id}`);
      const pinecone = pineconeOf(stack().file);
      const index = pinecone.index({
        name: stack().file.index,
        namespace: `${stack().file.namespace}everytoken-use:local`,
      });
      const ids = run.generations.flatMap(({ vector_ids }) => vector_ids);
      const { records } = await index.fetch({ ids });
      for (const { index: at, vector_ids, text, label, model, usage, timing } of run.generations) {
        const record = records[vector_ids[0] ?? ''];
        const words = wordsToStore(text ?? '');
        expect(record?.values).toHaveLength(1536);
        expect(record?.metadata).toEqual({
          ...{ text, run_id: id, index: at, chunk: 0, label, model, response_model: model },
          deployment: stack().file.deployment,
          tokens: usage.completion_tokens,
          seconds_per_token: timing?.seconds_per_token,
          ttft_ms: timing?.ttft_ms,
          tpot_ms: timing?.tpot_ms,
          e2e_ms: timing?.e2e_ms,
          created_at: Date.parse(run.created_at),
          'metadata.team': team,
          ...(words.length > 0 && { words }),
        });
      }
    });

    test('makes the run searchable by meaning and by filters', async () => {
      const { body: run } = await api.get(`/runs/${id}`);
      const { text, timing } = run.generations[2] ?? {};
      const all = await api.search(text ?? '', { 'metadata.team': team });
      expect(all.map((match) => match.index).sort()).toEqual([0, 1, 2, 3]);
      expect(all[0]).toMatchObject({ run_id: id, index: 2, text, score: expect.closeTo(1, 3) });
      const labelled = await api.search('databases', { label: 'Top-k 40', 'metadata.team': team });
      expect(labelled.map((match) => match.index).sort()).toEqual([0, 1]);
      const quick = await api.search('databases', { 'metadata.team': team, max_e2e_ms: timing?.e2e_ms });
      const asQuick = run.generations.filter((other) => (other.timing?.e2e_ms ?? 0) <= (timing?.e2e_ms ?? 0));
      expect(quick.map((match) => match.index).sort()).toEqual(asQuick.map(({ index }) => index));
      expect(await api.search('databases', { 'metadata.team': 'another' })).toEqual([]);
    });

    test('makes a trace of every generation, and shows the run in lists and usage', async () => {
      const { body: run } = await api.get(`/runs/${id}`);
      const { body: trace } = await api.trace(id, 1);
      expect(trace.chunks.map(({ text }) => text).join('')).toBe(run.generations[1]?.text);
      expect(trace.chunks.reduce((sum, { tokens }) => sum + (tokens ?? Number.NaN), 0)).toBe(24);
      expect(trace.marks.t1).toBeLessThanOrEqual(trace.marks.tE ?? 0);
      const { body: listed } = await api.list(`?metadata.team=${team}&label=Top-p%200.9&status=completed`);
      expect(listed.data).toMatchObject([{ id, counts: { generations: 4, completed: 4, failed: 0 } }]);
      const { body: usage } = await api.usage('?group_by=metadata.team');
      expect(usage.groups.find(({ key }) => key === team)).toMatchObject({
        requests: 1,
        generations: 4,
        completion_tokens: run.usage.completion_tokens,
        cost_usd: null,
        unpriced: 4,
      });
    });

    test('answers 202 to a background run, which is generated and indexed without further calls', async () => {
      const { status, headers, body: run } = await api.run({ ...body, samples: 1, background: true });
      expect([status, headers.get('location'), headers.get('x-everytoken-run-id')]).toEqual([
        202,
        `/runs/${run.id}`,
        run.id,
      ]);
      expect(run.status).toBe('queued');
      const completed = await api.completed(run.id);
      expect(completed.generations.map(({ status: of }) => of)).toEqual(['completed', 'completed']);
    });

    test.each([false, true])(
      'completes a run with emoji in label, metadata and prompt, in the background: %s',
      async (background) => {
        const rocket = randomUUID();
        const { body: run } = await api.run({
          ...{ ...fast, max_tokens: 8, samples: 2, background },
          prompt: 'Explain 🚀.',
          settings: [{ label: '🚀' }, { label: '\u{10FFFF}🧪' }],
          metadata: { '🔭': `🛰 ${rocket}` },
        });
        const { generations, metadata } = await api.completed(run.id);
        expect(metadata).toEqual({ '🔭': `🛰 ${rocket}` });
        expect(
          generations.map(({ label, status, vector_ids }) => [label, status, vector_ids?.length]),
        ).toEqual(['🚀', '🚀', '\u{10FFFF}🧪', '\u{10FFFF}🧪'].map((label) => [label, 'completed', 1]));
      },
    );

    test('completes a run without index at once, with no vector', async () => {
      const { body: run } = await api.run({
        ...fast,
        prompt: 'Explain queues.',
        max_tokens: 8,
        index: false,
      });
      expect(run.status).toBe('completed');
      expect(run.generations[0]?.vector_ids).toEqual([]);
    });

    test('makes runs that a list returns page by page, newest first', async () => {
      const kind = randomUUID();
      const ids: string[] = [];
      for (const max_tokens of [2, 3, 4]) {
        const { body: run } = await api.run({
          ...fast,
          prompt: 'Page.',
          max_tokens,
          index: false,
          metadata: { kind },
        });
        ids.unshift(run.id);
      }
      const { body: first } = await api.list(`?metadata.kind=${kind}&limit=2`);
      const { body: second } = await api.list(`?metadata.kind=${kind}&limit=2&cursor=${first.next_cursor}`);
      expect([...first.data, ...second.data].map((run) => run.id)).toEqual(ids);
      expect(first.data).toHaveLength(2);
      expect(second.next_cursor).toBeNull();
    });

    test('makes a run that, once deleted, has no vectors and objects and answers 410', async () => {
      expect((await api.remove(id)).status).toBe(204);
      expect(await aws.keys(`outputs/${id}/`)).toEqual([]);
      expect(await api.search('databases', { run_id: id })).toEqual([]);
      const pinecone = pineconeOf(stack().file);
      const index = pinecone.index({
        name: stack().file.index,
        namespace: `${stack().file.namespace}everytoken-use:local`,
      });
      expect((await index.listPaginated({ prefix: `${id}#` })).vectors ?? []).toEqual([]);
      for (const path of [`/runs/${id}`, `/runs/${id}/generations/0/trace`]) {
        const { status, body: problem } = await api.problem(path);
        expect([status, problem.code]).toEqual([410, 'gone']);
      }
      expect((await api.remove(id)).status).toBe(410);
      expect((await aws.runItem(id))?.request).toBeUndefined();
    });
  });
