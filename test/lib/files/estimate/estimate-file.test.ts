import { beforeEach, describe, expect, test } from 'vitest';
import { estimateFile } from '../../../../lib/files/estimate/estimate-file.ts';
import { intakeObject } from '../../../../lib/files/read/intake.ts';
import { createUpload } from '../../../../lib/files/upload.ts';
import { viewFile } from '../../../../lib/files/view.ts';
import { UNLIMITED } from '../../../../lib/limits/caller-limits.ts';
import { jsonLines, makeFileWorld, prompts } from '../file-world.ts';

let world: ReturnType<typeof makeFileWorld>;
beforeEach(() => {
  world = makeFileWorld();
});

const TABLE = 'name,audience\nqueues,engineers\ncaches,\nindexes,beginners\n';
const TEMPLATE = { prompt: 'Explain {{name}} to {{audience}}.', max_tokens: 30 };
const text = (content: string, own: object = {}) => ({ filename: 'topics.csv', content, ...own });
const estimate = (body: unknown, caller = 'docs', most?: { lines: number; ms: number }) =>
  estimateFile(body, caller, world.deps, most);
const uploaded = async (content: string, own: { filename?: string; defaults?: object } = {}) => {
  const { filename = 'lines.jsonl', defaults } = own;
  const size_bytes = Buffer.byteLength(content);
  const { id } = await createUpload({ filename, size_bytes, defaults }, { caller: 'docs' }, world.deps);
  const object = world.drop(`prompts/@docs/${id}/${filename}`, content);
  return { id, object };
};

describe('the estimate of a prompt file', () => {
  test('of a text fills in its template, counts its lines, and names the refused ones by code', async () => {
    const found = await estimate(text(TABLE, { defaults: TEMPLATE }));
    expect(found).toMatchObject({
      object: 'file.estimate',
      complete: true,
      lines: 3,
      accepted: 2,
      refused: 1,
      reused: 0,
      generations: 2,
      completion_tokens: { low: 32, typical: null, high: 60 },
      unpriced: [],
      models: [{ model: 'gpt-6-luna', generations: 2, earlier_outputs: 0 }],
      errors: [{ code: 'missing_variable', count: 1, lines: [3] }],
      error: null,
      previews: [
        { line: 2, text: 'Explain queues to engineers.' },
        { line: 4, text: 'Explain indexes to beginners.' },
      ],
      max_cost_usd: null,
      budget: null,
      lines_at_once: 2,
    });
    expect(found.cost_usd?.low).toBeGreaterThan(0);
    expect(found.wall_time_ms?.low).toBeGreaterThan(0);
  });

  test('generates nothing and stores nothing', async () => {
    await estimate(text(TABLE, { defaults: TEMPLATE }));
    expect([world.runs.runs.size, world.files.files.size, world.content.objects.size]).toEqual([0, 0, 0]);
    expect([world.jobs.receive(), world.fileQueue.receive()]).toEqual([undefined, undefined]);
  });

  test('is what the file then has as its estimate, and at least as high as its cost', async () => {
    const body = jsonLines({ prompt: 'one' }, { prompt: 'two', samples: 3 }, { prompt: 7 });
    const { id, object } = await uploaded(body, { defaults: { max_tokens: 9 } });
    const before = await estimate({ file_id: id });
    await intakeObject(object, world.deps);
    const { tokens, cost_usd } = world.file().estimate ?? {};
    expect([before.tokens, before.cost_usd]).toEqual([tokens, cost_usd]);
    expect([before.lines, before.refused, before.generations]).toEqual([3, 1, 4]);
    await world.work();
    const done = await viewFile(world.file(), world.deps);
    expect(done.cost_usd).toBeLessThanOrEqual(before.cost_usd?.high ?? 0);
  });

  test('leaves out lines whose result is there, of an upload, of the bucket and of a text of one name', async () => {
    const { object } = await uploaded(prompts('one', 'two', 'fail', 'two'));
    await intakeObject(object, world.deps);
    await world.work();
    const corrected = prompts('two', 'three', 'one', 'fail');
    const { id } = await uploaded(corrected);
    world.drop('prompts/@docs/lines.jsonl', corrected);
    for (const source of [
      { file_id: id },
      { key: 'prompts/@docs/lines.jsonl' },
      { filename: 'lines.jsonl', content: corrected },
    ]) {
      const found = await estimate(source);
      expect(found).toMatchObject({ lines: 4, accepted: 4, reused: 2, generations: 2 });
      expect(found.completion_tokens.typical).not.toBeNull();
    }
    const other = await estimate({ filename: 'other.jsonl', content: corrected });
    expect([other.reused, other.generations]).toEqual([0, 4]);
    const rerun = await estimate({ file_id: id, defaults: { rerun: true } });
    expect([rerun.reused, rerun.generations]).toEqual([0, 4]);
  });

  test('takes the defaults beside a stored file, or those that are given instead', async () => {
    const key = 'prompts/@docs/topics.csv';
    world.drop(key, TABLE);
    expect((await estimate({ key })).error).toMatchObject({ code: 'bad_header' });
    world.drop(`${key}.defaults.json`, JSON.stringify(TEMPLATE));
    expect((await estimate({ key })).completion_tokens.high).toBe(60);
    const given = { ...TEMPLATE, max_tokens: 10 };
    expect((await estimate({ key, defaults: given })).completion_tokens.high).toBe(20);
    world.drop(`${key}.defaults.json`, '{');
    await expect(estimate({ key })).rejects.toMatchObject({ code: 'bad_defaults' });
  });

  test('of a long file is that of its beginning, extrapolated, and says so', async () => {
    const lines = Array.from({ length: 400 }, (_, at) => `Explain ${1_000 + at}`);
    const [whole, part] = [
      await estimate({ filename: 'a.jsonl', content: prompts(...lines) }),
      await estimate({ filename: 'a.jsonl', content: prompts(...lines) }, 'docs', { lines: 100, ms: 1_000 }),
    ];
    expect([whole.complete, part.complete]).toEqual([true, false]);
    expect(part.lines).toBeGreaterThan(395);
    expect(part.lines).toBeLessThan(405);
    expect(part.tokens.high / whole.tokens.high).toBeCloseTo(1, 1);
    expect(part.based_on.at(-1)).toContain('Read were 100 lines');
    const list = JSON.stringify(lines.map((prompt) => ({ prompt })));
    const json = await estimate({ filename: 'a.json', content: list }, 'docs', { lines: 100, ms: 1_000 });
    expect([json.complete, json.lines]).toEqual([false, 400]);
    const all = await estimate({ filename: 'a.json', content: list }, 'docs', { lines: 400, ms: 1_000 });
    expect([all.complete, all.lines]).toEqual([true, 400]);
  });

  test('says whether max_cost_usd and the budget cover it, and that a batch costs half', async () => {
    const content = prompts('one', 'two');
    const of = (defaults: object) => estimate({ filename: 'a.jsonl', content, defaults });
    const { cost_usd } = await of({});
    const { low = 0, high = 0 } = cost_usd ?? {};
    for (const [limit, covers] of [
      [high, 'yes'],
      [(low + high) / 2, 'maybe'],
      [low / 2, 'no'],
    ] as const)
      expect((await of({ max_cost_usd: limit })).max_cost_usd).toEqual({ limit, covers });
    const batch = await of({ mode: 'batch' });
    expect(batch.cost_usd?.high).toBeCloseTo(high / 2, 12);
    expect(batch.wall_time_ms).toBeNull();
    await world.budgets.set('docs', { tokens: 10, costUsd: null });
    expect((await of({})).budget).toMatchObject({ fits: 'no', tokens_left: 10 });
  });

  test('takes as long as its lines one after another in the places that its caller has', async () => {
    const content = prompts(...Array.from({ length: 30 }, (_, at) => `${at}`));
    const of = async () => (await estimate({ filename: 'a.jsonl', content })).wall_time_ms?.low ?? 0;
    const ten = await of();
    world = makeFileWorld({ callerLimits: { ...UNLIMITED, workers: 3 } });
    expect((await of()) / ten).toBeCloseTo(10 / 3, 1);
  });

  test('of a file that cannot be read has the error that the file would have', async () => {
    expect(await estimate({ filename: 'a.json', content: 'no json' })).toMatchObject({
      lines: 0,
      error: { code: 'invalid_json' },
      cost_usd: { low: 0, typical: 0, high: 0 },
    });
    expect((await estimate({ filename: 'a.csv', content: 'name\nx\n' })).error?.message).toContain(
      'give one in defaults',
    );
  });

  test('is refused for a file that is missing, has no bytes, or is another caller’s', async () => {
    const { id } = await createUpload({ filename: 'a.txt', size_bytes: 3 }, { caller: 'docs' }, world.deps);
    await expect(estimate({ file_id: id })).rejects.toMatchObject({ code: 'conflict' });
    await expect(estimate({ file_id: id }, 'team')).rejects.toMatchObject({ code: 'not_found' });
    world.drop('prompts/@docs/a.txt', 'one');
    world.drop(`prompts/@docs/${id}/a.txt`, 'one');
    expect((await estimate({ key: 'prompts/@docs/a.txt' })).accepted).toBe(1);
    expect((await estimate({ key: `prompts/@docs/${id}/a.txt` })).accepted).toBe(1);
    for (const [key, caller] of [
      ['prompts/@docs/a.txt', 'team'],
      [`prompts/@docs/${id}/a.txt`, 'team'],
      ['prompts/@docs/b.txt', 'docs'],
      ['results/prompts/@docs/a.txt.jsonl', 'docs'],
      ['prompts/@docs/a.txt.defaults.json', 'docs'],
      ['prompts/a.txt', 'docs'],
    ] as const)
      await expect(estimate({ key }, caller)).rejects.toMatchObject({ code: 'not_found' });
  });

  test.each([
    [{}, 'give exactly one'],
    [{ file_id: 'file_1', key: 'prompts/a.csv' }, 'give exactly one'],
    [{ filename: 'a.csv' }, 'content: is missing'],
    [{ content: 'x' }, 'filename: is missing'],
    [{ filename: 'a/b.csv', content: 'x' }, 'filename'],
    [{ filename: 'a.csv', content: '' }, 'content: must not be empty'],
    [text(TABLE, { defaults: { top_p: 2 } }), 'defaults.top_p'],
    [text(TABLE, { lines: 3 }), 'lines'],
  ])('refuses %j by name', async (body, message) => {
    await expect(estimate(body)).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(message),
    });
  });
});
