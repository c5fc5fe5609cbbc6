import { beforeEach, describe, expect, test } from 'vitest';
import { deleteFile } from '../../../lib/files/delete-file.ts';
import { hasFileEnded } from '../../../lib/files/prompt-file.ts';
import { intakeObject } from '../../../lib/files/read/intake.ts';
import { retryFile } from '../../../lib/files/retry-file.ts';
import { stopFile } from '../../../lib/files/stop-file.ts';
import { createUpload } from '../../../lib/files/upload.ts';
import { viewFile } from '../../../lib/files/view.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { jsonLines, makeFileWorld, prompts, SMALL } from './file-world.ts';

const KEY = 'prompts/@docs/many.jsonl';
let isDown = true;
let generateOne: ReturnType<typeof makeGenerateOne>;
let world: ReturnType<typeof makeFileWorld>;
beforeEach(() => {
  isDown = true;
  generateOne = makeGenerateOne(({ messages }) => {
    const prompt = messages.at(-1)?.content ?? '';
    return isDown && prompt.startsWith('fail') ? null : `About ${prompt}`;
  });
  world = makeFileWorld({ limits: SMALL, generateOne });
});

/** An ended file of which some lines failed; the model answers all from now on. */
const failed = async (body = prompts('one', 'fail', '', 'four', 'fail more')) => {
  await world.take(KEY, body);
  await world.work();
  isDown = false;
  generateOne.calls.length = 0;
  return world.file().id;
};
const retry = async (id: string, idempotencyKey?: string, caller = 'docs') =>
  (await retryFile(id, { caller, ...(idempotencyKey && { idempotencyKey }) }, world.deps)).file.id;
const viewOf = async (id: string) => {
  const file = await world.files.get(id);
  if (!file) throw new Error(`there is no ${id}`);
  return viewFile(file, world.deps);
};
const prompted = () => generateOne.calls.map(({ prompt }) => prompt).sort();
const rowsOf = async (key: string) =>
  (await world.content.get(key))
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));

describe('the retry of a file', () => {
  test('generates its failed lines alone, and has all lines in its results and in those of the key', async () => {
    const id = await failed();
    const next = await retry(id);
    await world.work();
    const view = await viewOf(next);
    expect(view).toMatchObject({
      retry_of: id,
      key: KEY,
      status: 'completed_with_errors',
      counts: { lines: 5, refused: 1, reused: 2, generated: 2, completed: 4, failed: 1 },
      errors: [{ code: 'invalid_input', count: 1, lines: [3] }],
    });
    expect(prompted()).toEqual(['fail', 'fail more']);
    expect(view.paid_usd).toBeCloseTo((view.cost_usd ?? 0) - (view.reused_cost_usd ?? 0), 9);
    const rows = await rowsOf(`results/${KEY}.${next}.jsonl`);
    expect(rows.map(({ line, status }) => [line, status])).toEqual([
      [1, 'completed'],
      [2, 'completed'],
      [3, 'failed'],
      [4, 'completed'],
      [5, 'completed'],
    ]);
    expect(await rowsOf(`results/${KEY}.jsonl`)).toEqual(rows);
    expect((await rowsOf(`results/${KEY}.${id}.jsonl`)).map(({ status }) => status)).toEqual([
      'completed',
      'failed',
      'failed',
      'completed',
      'failed',
    ]);
  });

  test('generates lines that changed in the object meanwhile, and none twice for the event of the change', async () => {
    const id = await failed(prompts('one', 'fail'));
    const changed = world.drop(KEY, prompts('one', 'ONE', 'fail'));
    const next = await retry(id);
    await world.work();
    expect((await viewOf(next)).counts).toMatchObject({ completed: 3, reused: 1, generated: 2 });
    await intakeObject(changed, world.deps);
    await world.work();
    expect(prompted()).toEqual(['ONE', 'fail']);
    expect(await world.files.newest(KEY)).not.toBe(next);
  });

  test('is one while it is under way, whoever asks for it and however often', async () => {
    const id = await failed();
    const asked = await Promise.all([retry(id), retry(id, 'a'), retry(id, 'b'), retry(id, 'a'), retry(id)]);
    expect(new Set(asked).size).toBe(1);
    await world.work();
    expect(prompted()).toEqual(['fail', 'fail more']);
    expect(world.files.files.size).toBe(2);
  });

  test('of one Idempotency-Key is the same after it has ended, else a new one over what still has no answer', async () => {
    const id = await failed();
    isDown = true;
    const first = await retry(id, 'a');
    await world.work();
    expect((await viewOf(first)).counts).toMatchObject({ generated: 2, failed: 3 });
    isDown = false;
    expect(await retry(id, 'a')).toBe(first);
    const [second, third] = [await retry(id), await retry(first)];
    expect(new Set([first, second]).size).toBe(2);
    expect(third).not.toBe(first);
  });

  test('of a retry generates what that has left', async () => {
    const id = await failed();
    isDown = true;
    const first = await retry(id);
    await world.work();
    isDown = false;
    generateOne.calls.length = 0;
    const second = await retry(first);
    await world.work();
    expect(prompted()).toEqual(['fail', 'fail more']);
    expect(await viewOf(second)).toMatchObject({ retry_of: first, counts: { completed: 4, reused: 2 } });
    expect(await rowsOf(`results/${KEY}.jsonl`)).toEqual(await rowsOf(`results/${KEY}.${second}.jsonl`));
    generateOne.calls.length = 0;
    await retry(id);
    await world.work();
    expect(prompted()).toEqual([]);
  });

  test('of a file with rerun reuses the answers of that one', async () => {
    await world.take(KEY, prompts('one', 'two'));
    await world.work();
    await world.take(KEY, jsonLines({ defaults: { rerun: true } }, { prompt: 'one' }, { prompt: 'fail' }));
    await world.work();
    isDown = false;
    generateOne.calls.length = 0;
    const [, second] = [...world.files.files.keys()];
    const first = await retry(second ?? '');
    await world.work();
    expect(prompted()).toEqual(['fail']);
    expect((await viewOf(first)).counts).toMatchObject({ completed: 2, reused: 1, generated: 1 });
    await retry(first);
    await world.work();
    expect(prompted()).toEqual(['fail']);
  });

  test('of an upload keeps its defaults and the identity of its lines', async () => {
    const body = prompts('one', 'fail');
    const { id } = await createUpload(
      { filename: 'lines.jsonl', size_bytes: body.length, defaults: { max_tokens: 7 } },
      { caller: 'docs' },
      world.deps,
    );
    const object = world.drop(`prompts/@docs/${id}/lines.jsonl`, body);
    await expect(retry(id)).rejects.toMatchObject({ code: 'conflict' });
    await intakeObject(object, world.deps);
    await world.work();
    isDown = false;
    const next = await retry(id);
    await world.work();
    expect((await viewOf(next)).counts).toMatchObject({ completed: 2, reused: 1, generated: 1 });
    const requests = [...world.runs.runs.values()].map(({ request }) => JSON.parse(request ?? '').max_tokens);
    expect(requests).toEqual([7, 7, 7]);
    await intakeObject(object, world.deps);
    expect(await world.files.newest(object.key)).toBe(next);
  });

  test('of a file in batch mode hands its failed lines to a new batch', async () => {
    await world.take(KEY, jsonLines({ defaults: { mode: 'batch' } }, { prompt: 'one' }, { prompt: 'two' }));
    await world.work();
    const { id } = world.file();
    await stopFile(id, 'cancelled', world.deps);
    for (let minute = 0; minute < 5 && !hasFileEnded(world.file()); minute += 1) {
      await world.clock.advance(60_000);
      await sweep(world.deps);
      await world.work();
    }
    expect((await viewOf(id)).counts).toMatchObject({ completed: 0, failed: 2 });
    const next = await retry(id);
    await world.work();
    expect((await world.files.get(next))?.batch).toMatchObject([{ batchId: expect.any(String) }]);
    expect(world.batchServer.batches.size).toBe(2);
  });

  test('begins although its message is lost', async () => {
    const id = await failed();
    const { fileQueue } = world.deps;
    world.deps.fileQueue = { ...fileQueue, send: async () => Promise.reject(new Error('down')) };
    const next = await retry(id);
    world.deps.fileQueue = fileQueue;
    await world.clock.advance(61_000);
    await sweep(world.deps);
    await world.work();
    expect((await viewOf(next)).counts.generated).toBe(2);
  });

  test('is made by the next request if the first one crashed after its claim', async () => {
    const id = await failed();
    const { create } = world.deps.files;
    world.deps.files.create = async () => Promise.reject(new Error('crash'));
    await expect(retry(id)).rejects.toThrow('crash');
    world.deps.files.create = create;
    const claimed = (await world.files.get(id))?.retriedAs;
    expect(await retry(id, 'a')).toBe(claimed);
    await world.work();
    expect(prompted()).toEqual(['fail', 'fail more']);
  });

  test('is refused with the remedy while the file or a later version is under way, and once the object is gone', async () => {
    await world.take(KEY, prompts('one', 'fail'));
    const { id } = world.file();
    await expect(retry(id)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('once it has ended'),
    });
    await world.work();
    await expect(retry(id, undefined, 'team')).rejects.toMatchObject({ code: 'not_found' });
    await world.take(KEY, prompts('one', 'fail', 'three'));
    await expect(retry(id)).rejects.toMatchObject({ message: expect.stringContaining('a later version') });
    await world.work();
    world.content.objects.delete(KEY);
    await expect(retry(id)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('upload the file again'),
    });
    expect((await world.files.get(id))?.retriedAs).toBeNull();
  });

  test('keeps its results and runs of its own when the first file is deleted, and the prompts', async () => {
    const id = await failed();
    const next = await retry(id);
    await world.work();
    const results = await world.content.get(`results/${KEY}.${next}.jsonl`);
    await deleteFile(id, world.deps);
    for (let minute = 0; minute < 30; minute += 1) {
      await world.clock.advance(60_000);
      await sweep(world.deps);
      await world.work();
    }
    expect((await world.files.get(id))?.status).toBe('deleted');
    expect(await world.content.get(`results/${KEY}.${next}.jsonl`)).toBe(results);
    expect(await world.content.get(`results/${KEY}.jsonl`)).toBe(results);
    expect(world.content.objects.has(KEY)).toBe(true);
    const own = [...world.runs.runs.values()].filter(({ file }) => file?.fileId === next);
    expect(own.map(({ status }) => status)).toEqual(['generated', 'generated']);
    await expect(retry(id)).rejects.toMatchObject({ code: 'gone' });
    generateOne.calls.length = 0;
    const again = await retry(next);
    await world.work();
    expect(prompted()).toEqual(['four', 'one']);
    expect((await viewOf(again)).counts).toMatchObject({ completed: 4, reused: 2 });
  });
});
