import { describe, expect, test } from 'vitest';
import { requestPartial, stopFile } from '../../../lib/files/stop-file.ts';
import { viewFile } from '../../../lib/files/view.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makeFileWorld, prompts, SMALL } from './file-world.ts';

const KEY = 'prompts/many.jsonl';
const view = (world: ReturnType<typeof makeFileWorld>) => viewFile(world.file(), world.deps);

describe('the view of a file', () => {
  test('follows its progress line by line, with an estimate of the remaining time at that rate', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts('one', 'two', 'fail', 'four', 'five', '', 'seven', 'eight', 'nine', 'ten'));
    expect((await view(world)).counts).toMatchObject({ lines: 10, accepted: 9, refused: 1, remaining: 9 });
    for (let job = 0; job < 4; job += 1) await world.workJob();
    await world.clock.advance(2_000);
    const { counts, lines_per_second, rows_per_second, seconds_left, usage, cost_usd, status } =
      await view(world);
    expect(status).toBe('generating');
    expect(counts).toEqual({
      lines: 10,
      accepted: 9,
      refused: 1,
      reused: 0,
      generated: 4,
      completed: 3,
      failed: 2,
      not_begun: 0,
      remaining: 5,
      generations: 4,
    });
    expect([lines_per_second, rows_per_second, seconds_left]).toEqual([2, 2, 2.5]);
    expect(usage).toEqual({ prompt_tokens: 27, completion_tokens: 6 });
    expect(cost_usd).toBeGreaterThan(0);
  });

  test('of a completed one shows the figures of its summary', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts('one', 'two', 'fail', 'four', ''));
    await world.work();
    const [ended, summary] = [await view(world), await world.summary()];
    const { remaining, not_begun, ...counts } = ended.counts;
    expect(counts).toEqual(summary.counts);
    expect([remaining, not_begun, ended.seconds_left]).toEqual([0, 0, null]);
    expect(ended.usage).toEqual(summary.usage);
    expect(ended.cost_usd).toBeCloseTo(summary.cost_usd, 8);
    expect(await world.content.get(ended.results.jsonl)).toBe(await world.read('.jsonl'));
  });

  test('shows the cost of lines reused from an earlier file', async () => {
    const world = makeFileWorld();
    await world.take(KEY, prompts('one', 'two'));
    await world.work();
    await world.take(KEY, prompts('one', 'TWO'));
    await world.work();
    const [, second] = world.files.files.values();
    if (!second) throw new Error('there is one file only');
    const shown = await viewFile(second, world.deps);
    expect(shown.counts).toMatchObject({ reused: 1, generated: 1, completed: 2 });
    expect(shown.reused_cost_usd).toBeCloseTo((shown.cost_usd ?? 0) / 2, 9);
    expect(shown.paid_usd).toBeCloseTo((shown.cost_usd ?? 0) / 2, 9);
    const summary = JSON.parse(await world.content.get(shown.results.summary));
    expect(summary.paid_usd).toBeCloseTo(shown.paid_usd ?? 0, 9);
  });

  test('does not know what reused lines cost if it does not know the price of an answer', async () => {
    const priced = makeGenerateOne(({ messages }) => `About ${messages.at(-1)?.content ?? ''}`);
    const world = makeFileWorld({
      generateOne: async (task) => {
        const output = await priced(task);
        return { ...output, generation: { ...output.generation, cost_usd: null, price: null } };
      },
    });
    await world.take(KEY, prompts('one', 'two'));
    await world.work();
    await world.take(KEY, prompts('one', 'TWO'));
    await world.work();
    const [first, second] = await Promise.all(
      [...world.files.files.values()].map((file) => viewFile(file, world.deps)),
    );
    expect(first).toMatchObject({ cost_usd: null, reused_cost_usd: 0, paid_usd: null });
    expect(second).toMatchObject({ cost_usd: null, reused_cost_usd: null, paid_usd: null });
  });

  test('names the lines without text by the code of their error: refused ones at once, failed ones as they fail', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts('one', '', 'fail', 'four', '', 'fail', 'seven', 'fail'));
    const refused = { code: 'invalid_input', count: 2, lines: [2, 5] };
    expect((await view(world)).errors).toEqual([refused]);
    for (let job = 0; job < 4; job += 1) await world.workJob();
    const { errors, counts } = await view(world);
    expect(errors).toEqual([refused, { code: 'server_error', count: 2, lines: [3, 6] }]);
    expect(counts.failed).toBe(4);
    await world.work();
    const ended = await view(world);
    expect(ended.errors).toEqual([{ code: 'server_error', count: 3, lines: [3, 6, 8] }, refused]);
    const rows = await world.rows();
    const failed = rows.filter(({ error }) => error?.code === 'server_error');
    expect(failed.map(({ line }) => line)).toEqual([3, 6, 8]);
  });

  test('counts the lines that a stop left out under its code', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts(...'abcdefghij'));
    await world.workJob();
    await stopFile(world.file().id, 'cancelled', world.deps);
    await world.work();
    await world.clock.advance(60_000);
    await world.work();
    const { status, counts, errors } = await view(world);
    expect([status, counts.failed, counts.not_begun]).toEqual(['completed_with_errors', 9, 9]);
    expect(errors).toMatchObject([{ code: 'cancelled', count: 9 }]);
    expect(errors[0]?.lines).toEqual([2, 3, 4, 5, 6]);
  });

  test('has an estimate of all accepted lines, as high as that of a dry run, and read in pieces the same', async () => {
    const body = `${JSON.stringify({ defaults: { max_tokens: 50 } })}\n${prompts('one', '', 'three', 'x'.repeat(99))}`;
    const estimates: unknown[] = [];
    for (const remainingMs of [() => 50_000, () => 20_000]) {
      const world = makeFileWorld({ limits: SMALL, remainingMs });
      await world.take(KEY, body);
      while ((await view(world)).status === 'reading') await world.workMessage();
      const { estimate } = await view(world);
      expect(estimate?.completion_tokens).toEqual({ low: 3 * 16, typical: null, high: 3 * 50 });
      expect(estimate?.cost_usd?.low).toBeGreaterThan(0);
      estimates.push(estimate);
    }
    expect(estimates[0]).toEqual(estimates[1]);
    const dry = makeFileWorld();
    await dry.take(KEY, body.replace('"max_tokens"', '"dry_run":true,"max_tokens"'));
    await dry.work();
    const { tokens, cost_usd } = (await dry.summary()).estimate;
    expect(estimates[0]).toMatchObject({ tokens: { high: tokens } });
    expect((await view(dry)).estimate?.cost_usd?.high).toBeCloseTo(cost_usd, 12);
    await dry.take('prompts/batch.jsonl', body.replace('"max_tokens"', '"mode":"batch","max_tokens"'));
    const [, batch] = dry.files.files.values();
    expect(batch?.estimate?.cost_usd?.high).toBeCloseTo(cost_usd / 2, 12);
  });

  test('has typical figures in its estimate once its caller has earlier outputs of the model', async () => {
    const world = makeFileWorld();
    await world.take(KEY, prompts('one', 'two'));
    expect((await view(world)).estimate?.completion_tokens.typical).toBeNull();
    await world.work();
    await world.take('prompts/others.jsonl', prompts('three', 'four', 'five'));
    const [, second] = world.files.files.values();
    expect(second?.estimate?.completion_tokens.typical).toBe(6);
    await world.work();
    const [, done] = world.files.files.values();
    const shown = done && (await viewFile(done, world.deps));
    expect(shown?.cost_usd).toBeLessThanOrEqual(shown?.estimate?.cost_usd?.high ?? 0);
    expect(shown?.cost_usd).toBeGreaterThanOrEqual(shown?.estimate?.cost_usd?.low ?? 1);
  });

  test('has the name of the file without its path', async () => {
    const world = makeFileWorld();
    await world.take('prompts/team/a/topics.jsonl', prompts('one'));
    expect((await view(world)).filename).toBe('topics.jsonl');
  });

  test('of one that is not read yet makes no estimate', async () => {
    const world = makeFileWorld();
    world.deps.readSource = async () => Promise.reject(new Error('later'));
    await expect(world.take(KEY, prompts('one'))).rejects.toThrow('later');
    expect(await view(world)).toMatchObject({
      status: 'reading',
      counts: { lines: null, remaining: null, completed: 0 },
      lines_per_second: null,
      seconds_left: null,
    });
  });
});

test('partial results contain the lines that have ended so far, in order', async () => {
  const world = makeFileWorld({ limits: SMALL });
  await world.take(KEY, prompts('one', 'two', '', 'four', 'five', 'six', 'seven'));
  await world.workJob();
  const left = world.jobs.receive();
  await world.workJob();
  await world.workJob();
  await requestPartial(world.file(), world.deps);
  await world.workMessage();
  const text = await world.content.get((await view(world)).results.partial);
  const rows = text
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));
  expect(rows.map(({ line, status }) => [line, status])).toEqual([
    [1, 'completed'],
    [3, 'failed'],
    [4, 'completed'],
    [5, 'completed'],
  ]);
  left?.release();
  await world.work();
  expect(await world.rows()).toHaveLength(7);
});

test('partial results of a table are a table too, which the final one begins with', async () => {
  const world = makeFileWorld({ limits: SMALL });
  const table = `prompt;city\r\none;"a;b"\r\ntwo;\r\n;none\r\nfour;c\r\nfive;d\r\n`;
  await world.take('prompts/cities.csv', table);
  await world.workJob();
  await world.workJob();
  await requestPartial(world.file(), world.deps);
  await world.workMessage();
  const partial = await world.read('.partial.csv');
  expect(partial).toMatch(/^prompt;city;text;status;.*\r\none;"a;b";About one;completed;/);
  expect(partial.split('\r\n').map((row) => row.split(';')[0])).toEqual(['prompt', 'one', 'two', '', '']);
  await world.work();
  expect((await world.read('.csv')).startsWith(partial)).toBe(true);
});
