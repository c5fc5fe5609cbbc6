import { beforeAll, describe, expect, test, vi } from 'vitest';
import { generationSchema } from '../../lib/http/runs/generation-schemas.ts';
import { runSchema } from '../../lib/http/runs/schemas.ts';
import type { Generation } from '../../lib/runs/generation.ts';
import { timedRunId } from '../../lib/runs/keys.ts';
import { listedOf } from '../../lib/runs/list/entry.ts';
import type { RunSummaryView, RunView } from '../../lib/runs/view.ts';
import { makeGenerateOne, withSampling } from '../factories/generation.ts';
import { makeRun } from '../factories/run.ts';
import { makeWorld } from '../memory/world.ts';
import { makeService, type Service } from './service.ts';

const MAX = 5_000_000;
/** JSON escapes every character of it, and the gateway escapes each escape. */
const TEXT = '"\n'.repeat(50_000);
const BODY = { prompt: '"'.repeat(200_000), samples: 16, stop: 's'.repeat(60_000) };

/** A service whose model server gives this text, and reports sampling as a server does. */
const serviceOf = (text: string | null) =>
  makeService({
    world: makeWorld({
      generateOne: withSampling(
        makeGenerateOne(() => text),
        'http://127.0.0.1:1/v1',
      ),
    }),
  });

let service: Service;
let id: string;
beforeAll(async () => {
  service = serviceOf(TEXT);
  const headers = { 'idempotency-key': 'large' };
  id = (await service.run(BODY, { headers })).run.id;
});

const bytesOf = (answer: string) => Buffer.byteLength(JSON.stringify(answer));

/** Expects a run of at most 5 MB whose generations are whole, or name what they leave out. */
const expectFitting = (run: RunView, text: string | null) => {
  expect(run.generations.some(({ left_out }) => left_out)).toBe(true);
  for (const { index, text: shown, sampling, left_out } of run.generations) {
    expect(shown).toBe(left_out?.fields.includes('text') ? null : text);
    expect(sampling.requested).toEqual(
      left_out?.fields.includes('sampling') ? {} : { max_tokens: 1024, stop: [BODY.stop] },
    );
    if (left_out) expect(left_out.read_at).toBe(`/runs/${run.id}/generations/${index}`);
  }
};

describe('a run of more than 5 MB', () => {
  test.each<[string, () => Response | Promise<Response>, number]>([
    ['is answered whole', () => service.ask('/runs', { body: BODY }), 201],
    ['is replayed', () => service.ask('/runs', { body: BODY, headers: { 'idempotency-key': 'large' } }), 201],
    ['is read', () => service.ask(`/runs/${id}`), 200],
  ])('%s in at most 5 MB, and says what it leaves out', async (_, ask, status) => {
    const response = await ask();
    const answer = await response.text();
    expect([response.status, bytesOf(answer) <= MAX]).toEqual([status, true]);
    expectFitting(runSchema.parse(JSON.parse(answer)) as RunView, TEXT);
  });

  test('ends its stream in the same way', async () => {
    const ask = { body: { ...BODY, stream: true }, headers: { 'idempotency-key': 'streamed' } };
    const stream = await vi.waitFor(async () => {
      const answer = await service.ask('/runs', ask);
      expect(answer.headers.get('idempotent-replayed')).toBe('true');
      return answer;
    });
    const events = (await stream.text()).split('\n\n').filter((event) => event !== '');
    const [, last = ''] = events.at(-1)?.split('\ndata: ') ?? [];
    expect(events.at(-1)).toMatch(/^event: run\.completed\n/);
    expect(bytesOf(last)).toBeLessThanOrEqual(MAX);
    expectFitting(JSON.parse(last), TEXT);
  });

  test('that failed is told in the same way by its problem', async () => {
    const response = await serviceOf(null).ask('/runs', { body: { ...BODY, samples: 64 } });
    const answer = await response.text();
    expect([response.status, bytesOf(answer) <= MAX + 1_000]).toEqual([502, true]);
    expectFitting(JSON.parse(answer).run, null);
  });

  test('has each of its generations whole at the path that it names', async () => {
    const { generations } = (await (await service.ask(`/runs/${id}`)).json()) as RunView;
    const last = generations.at(-1);
    expect(last?.left_out?.fields).toEqual(['text', 'sampling']);
    const response = await service.ask(last?.left_out?.read_at ?? '');
    expect(response.headers.get('x-everytoken-run-id')).toBe(id);
    const whole = generationSchema.parse(await response.json()) as Generation;
    expect(whole).toMatchObject({ index: 15, text: TEXT, sampling: { requested: { stop: [BODY.stop] } } });
    expect(whole).not.toHaveProperty('left_out');
  });
});

test('a run that fits leaves nothing out, and its generations are read as it shows them', async () => {
  const small = serviceOf('a short text');
  const { run } = await small.run({ prompt: 'x', samples: 2 });
  await small.untilQuiet();
  const read = (await (await small.ask(`/runs/${run.id}`)).json()) as RunView;
  expect(JSON.stringify(read)).not.toContain('left_out');
  expect(read.generations[1]?.vector_ids).toHaveLength(1);
  expect(await (await small.ask(`/runs/${run.id}/generations/1`)).json()).toEqual(read.generations[1]);
  expect((await small.ask(`/runs/${run.id}/generations/2`)).status).toBe(404);
  expect((await small.ask(`/runs/${run.id}/generations/x`)).status).toBe(400);
});

test('a page of runs ends before 5 MB, and its cursor goes on with the next run', async () => {
  const { world, ask } = makeService();
  const many = (count: number, length: number) =>
    Array.from({ length: count }, (_, at) => `${'"'.repeat(length - 2)}${String(at).padStart(2, '0')}`);
  const metadata = Object.fromEntries(many(16, 64).map((key) => [key, '"'.repeat(512)]));
  const all = Array.from({ length: 90 }, (_, at) =>
    timedRunId(Date.UTC(2026, 10, 22) + at, Buffer.alloc(10)),
  );
  for (const [at, id] of all.entries()) {
    const createdAt = new Date(Date.UTC(2026, 10, 22) + at).toISOString();
    const run = makeRun({ id, createdAt, labels: many(64, 100), metadata });
    await world.runs.create(run);
    await world.list.put(listedOf(run));
  }
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let pages = 0; cursor !== null && pages < 9; pages += 1) {
    const answer = await (await ask(`/runs?limit=100${cursor && `&cursor=${cursor}`}`)).text();
    expect(bytesOf(answer)).toBeLessThan(MAX + 10_000);
    const page: { data: RunSummaryView[]; next_cursor: string | null } = JSON.parse(answer);
    seen.push(...page.data.map((run) => run.id));
    cursor = page.next_cursor;
  }
  expect(seen).toEqual(all.toReversed());
});
