import { beforeEach, expect, test } from 'vitest';
import { makeRouteOf, makeServer } from '../../../lib/sampling/server.ts';
import type { UsageReport } from '../../../lib/usage/read.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makeWorld } from '../../memory/world.ts';
import { makeService, type Service } from '../../reliability/service.ts';

const servers = new Map(['groq', 'spare'].map((name) => [name, makeServer(`http://${name}.test`)]));
const routeOf = makeRouteOf(makeServer(''), servers, new Map([['fast', 'groq/llama-3']]));

let service: Service;
beforeEach(() => {
  const words = (index: number) => 'word '.repeat(3 + 4 * index);
  const world = makeWorld({
    generateOne: makeGenerateOne(({ index }) => words(index)),
    defaults: { model: 'gpt-6-luna', routeOf },
  });
  service = makeService({ world });
});

type Listed = { id: string; models: string[]; cost_usd: number; counts: { generations: number } };

const read = async <T>(path: string): Promise<T> => (await service.ask(path)).json() as Promise<T>;
const runsOf = async (model: string) =>
  (await read<{ data: Listed[] }>(`/runs?limit=100&model=${encodeURIComponent(model)}`)).data;
const usage = (groupBy: string) => read<UsageReport>(`/usage?group_by=${groupBy}&until=2026-11-22`);

const settings = (...models: string[]) => models.map((model, at) => ({ label: `setting ${at}`, model }));

test('each row of usage by model has the runs that the list finds by its key, providers apart', async () => {
  await service.run({ prompt: 'a', settings: settings('fast') });
  await service.run({ prompt: 'b', settings: settings('groq/llama-3', 'spare/llama-3') });
  await service.run({ prompt: 'c', model: 'llama-3', samples: 3 });
  await service.run({ prompt: 'd' });
  const { groups } = await usage('model');
  expect(groups.map(({ key, requests, generations }) => [key, requests, generations])).toEqual([
    ['gpt-6-luna', 1, 1],
    ['groq/llama-3', 2, 2],
    ['llama-3', 1, 3],
    ['spare/llama-3', 1, 1],
  ]);
  for (const { key, requests } of groups) {
    const filter = key?.includes('/') ? key : `default/${key}`;
    expect((await runsOf(filter)).length, filter).toBe(requests);
  }
  expect(await runsOf('llama-3')).toHaveLength(3);
  expect(await runsOf('fast')).toEqual(await runsOf('groq/llama-3'));
});

test('a run that waits stands in the row in which it ends, and names the models of its settings', async () => {
  const { run } = await service.run({ prompt: 'a', settings: settings('fast', 'spare/x'), background: true });
  const rows = async () => (await usage('model')).groups.map(({ key, requests }) => [key, requests]);
  const waiting = await rows();
  expect([run.status, run.models]).toEqual(['queued', ['groq/llama-3', 'spare/x']]);
  expect(waiting).toEqual([
    ['groq/llama-3', 1],
    ['spare/x', 1],
  ]);
  await service.untilQuiet();
  expect(await rows()).toEqual(waiting);
  const [listed] = await runsOf('spare');
  expect(listed?.models).toEqual(run.models);
  expect(await read(`/runs/${run.id}`)).toMatchObject({ status: 'completed', models: run.models });
});

/** The numbers of an answer that have more digits than people write, by their paths. */
const unrounded = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, field]) => unrounded(field, `${path}/${name}`))
    : typeof value === 'number' && String(value).replace(/e.*|^0\.0*|\D/g, '').length > 12
      ? [`${path} ${value}`]
      : [];

test('usage is the sum of what runs cost, and every amount and mean is written without errors of fractions', async () => {
  for (let samples = 1; samples <= 5; samples += 1) await service.run({ prompt: 'a', samples });
  const { data } = await read<{ data: Listed[] }>('/runs');
  const { total, groups } = await usage('label');
  const micros = (usd: number) => Math.round(usd * 1e9) / 1e3;
  expect(micros(total.cost_usd ?? 0)).toBe(data.reduce((sum, { cost_usd }) => sum + micros(cost_usd), 0));
  const whole = await Promise.all(
    data.map(({ id }) => read<{ cost_usd: number; usage: unknown }>(`/runs/${id}`)),
  );
  const costs = whole.map(({ cost_usd }) => cost_usd);
  expect(costs).toEqual(data.map(({ cost_usd }) => cost_usd));
  expect(unrounded({ data, total, groups, costs })).toEqual([]);
});
