import { describe, expect, test } from 'vitest';
import { UpstreamError } from '../../../lib/errors.ts';
import { continueFile } from '../../../lib/files/move-file.ts';
import { intakeObject } from '../../../lib/files/read/intake.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { jsonLines, makeFileWorld, prompts, SMALL } from './file-world.ts';

const KEY = 'prompts/many.jsonl';
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `prompt ${at + 1}`);
const MINUTE = 60_000;

describe('a file of several blocks', () => {
  test('has a result for each line, in order, written in parts', async () => {
    const world = makeFileWorld({ limits: SMALL });
    const parts: number[] = [];
    const { putPart } = world.content;
    world.deps.content.putPart = (key, id, number, body) => {
      parts.push(body.length);
      return putPart(key, id, number, body);
    };
    await world.take(KEY, prompts(...numbered(20)));
    await world.work();
    const rows = await world.rows();
    expect(rows.map(({ line }) => line)).toEqual(numbered(20).map((_, at) => at + 1));
    expect(rows.map(({ run }) => run.generations[0].text)).toEqual(numbered(20).map((p) => `About ${p}`));
    expect(world.file()).toMatchObject({ status: 'completed', lines: 20, blocks: 7, sentBlocks: 7 });
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.slice(0, -1).every((bytes) => bytes >= SMALL.partBytes)).toBe(true);
    expect(await world.content.get(`results/${KEY}.jsonl`)).toBe(await world.read('.jsonl'));
  });

  test('has two blocks sent at a time, and the next one when a block is complete', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts(...numbered(20)));
    let most = 0;
    for (let done = 0; done < 20; done += 1) {
      most = Math.max(most, world.jobs.bodies().length);
      expect(await world.workJob()).toBe(true);
    }
    expect(most).toBe(2 * SMALL.blockLines);
    expect(world.jobs.bodies()).toEqual([]);
    expect(world.fileQueue.bodies()).toEqual([{ type: 'file', file_id: world.file().id }]);
  });

  test('counts its progress block by block, each once', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts('one', 'fail', 'one', 'four'));
    await world.work();
    expect(world.file().counts).toMatchObject({ completed: 3, failed: 1, reused: 0, generations: 4 });
    expect((await world.summary()).counts).toMatchObject({ lines: 4, completed: 3, failed: 1, generated: 4 });
  });

  test('with only bad lines sends none, and has a result for each', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, jsonLines(...Array(7).fill({ prompt: 'x', tempratur: 1 })));
    expect(world.jobs.bodies()).toEqual([]);
    await world.work();
    expect((await world.rows()).map(({ line, error }) => [line, error.errors[0].path])).toEqual(
      Array.from({ length: 7 }, (_, at) => [at + 1, 'tempratur']),
    );
    expect(world.file()).toMatchObject({ status: 'completed_with_errors', refused: 7, blocks: 3 });
  });

  test('numbers its lines from 1, blank ones included', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, '\n{"prompt":"a"}\n\n\nnonsense\r\n{"prompt":"b"}');
    await world.work();
    const rows = await world.rows();
    expect(rows.map(({ line, status }) => [line, status])).toEqual([
      [2, 'completed'],
      [5, 'failed'],
      [6, 'completed'],
    ]);
    expect(rows[1].error.code).toBe('invalid_json');
    expect(await world.summary()).toMatchObject({ counts: { lines: 3, accepted: 2, refused: 1 } });
  });

  test('has the lines that a crashed sender claimed but did not send sent by the next sweep', async () => {
    const world = makeFileWorld({ limits: { ...SMALL, firstWindow: 6 } });
    const { changeBlock } = world.files;
    const object = world.drop(KEY, prompts(...numbered(4)));
    const files = {
      ...world.files,
      changeBlock: async (...args: Parameters<typeof changeBlock>) => {
        if (args[1] === 1) throw new Error('died');
        return changeBlock(...args);
      },
    };
    await expect(intakeObject(object, { ...world.deps, files })).rejects.toThrow('died');
    await world.work();
    expect(world.prompted()).toHaveLength(3);
    await world.clock.advance(20 * MINUTE);
    await sweep(world.deps);
    await world.work();
    expect(world.prompted()).toEqual(numbered(4));
    expect(world.file().status).toBe('completed');
  });
});

describe('when an invocation runs out of time', () => {
  /** A world whose invocations run out of time after `looks` checks of the remaining time. */
  const hurried = (looks: number) => {
    let left = looks;
    const world = makeFileWorld({
      limits: SMALL,
      remainingMs: () => (left-- > 0 ? 200_000 : 20_000),
    });
    return { world, next: () => (left = looks) };
  };
  const expected = async (text: string) => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, text);
    await world.work();
    return { rows: await world.read('.jsonl'), summary: await world.summary() };
  };

  test.each([0, 1, 4])(
    'after %i steps, reading and assembling continue in the next one, to the same bytes',
    async (looks) => {
      const text = `${jsonLines({ defaults: { temperature: 0.5 } })}${prompts(...numbered(11), 'prompt 1')}`;
      const { world, next } = hurried(looks);
      await world.take(KEY, text);
      let invocations = 1;
      for (; world.file().status !== 'completed' && invocations < 200; invocations += 1) {
        next();
        while (await world.workJob()) {}
        await world.workMessage();
      }
      const whole = await expected(text);
      expect(await world.read('.jsonl')).toBe(whole.rows);
      expect(await world.summary()).toEqual(whole.summary);
      expect(invocations).toBeGreaterThan(12 / (looks + 1));
      expect(world.prompted()).toHaveLength(12);
    },
  );

  test('a batch file still knows every custom_id it has seen', async () => {
    const line = (id: string) => ({
      custom_id: id,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'gpt-6-luna', messages: [{ role: 'user', content: id }] },
    });
    const { world, next } = hurried(0);
    await world.take(KEY, jsonLines(line('a'), line('b'), line('c'), line('a')));
    for (let tries = 0; tries < 30 && world.file().status !== 'completed_with_errors'; tries += 1) {
      next();
      while (await world.workJob()) {}
      await world.workMessage();
    }
    expect((await world.rows()).map(({ custom_id, error }) => [custom_id, error?.code ?? null])).toEqual([
      ['a', null],
      ['b', null],
      ['c', null],
      ['a', 'duplicate_custom_id'],
    ]);
  });
});

describe("a file's lease", () => {
  test('keeps a second reader out, and lets it in a minute after the first has crashed', async () => {
    const world = makeFileWorld({ limits: SMALL });
    const object = world.drop(KEY, prompts('one', 'two'));
    const content = { ...world.content, put: () => new Promise<never>(() => {}) };
    void intakeObject(object, { ...world.deps, content });
    await expect.poll(() => world.file().lease).not.toBeNull();
    await intakeObject(object, world.deps);
    expect(world.file().status).toBe('reading');
    await world.clock.advance(MINUTE + 1_000);
    await sweep(world.deps);
    await world.work();
    expect(world.file().status).toBe('completed');
    expect(world.prompted()).toEqual(['one', 'two']);
  });

  test('is renewed by an assembler that takes longer than a minute, and a late one stops', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts(...numbered(9)));
    while (await world.workJob()) {}
    const { id } = world.file();
    const leases = new Set<number | undefined>();
    const slow = {
      ...world.content,
      get: async (...args: Parameters<typeof world.content.get>) => {
        await world.clock.advance(15_000);
        leases.add(world.file().lease?.until);
        return world.content.get(...args);
      },
    };
    await continueFile(id, { ...world.deps, content: slow });
    expect(leases.size).toBeGreaterThan(3);
    expect(world.file().status).toBe('completed');
    expect(world.bus.idsOf('FileCompleted')).toHaveLength(1);
  });
});

test('an upload that another worker has completed is started anew', async () => {
  const world = makeFileWorld({ limits: SMALL });
  await world.take(KEY, prompts(...numbered(12)));
  while (await world.workJob()) {}
  const { id } = world.file();
  let parts = 0;
  const dying = {
    ...world.content,
    putPart: async (...args: Parameters<typeof world.content.putPart>) => {
      parts += 1;
      if (parts === 3) {
        await world.content.completeUpload(args[0], args[1], []).catch(() => undefined);
      }
      return world.content.putPart(...args);
    },
  };
  await expect(continueFile(id, { ...world.deps, content: dying })).rejects.toMatchObject({
    code: 'missing_upload',
  });
  await world.work();
  await world.clock.advance(2 * MINUTE);
  await sweep(world.deps);
  await world.work();
  expect((await world.rows()).map(({ line }) => line)).toEqual(numbered(12).map((_, at) => at + 1));
});

test('a file that was missing and exists again is read after all', async () => {
  const world = makeFileWorld();
  const first = world.drop(KEY, prompts('one'));
  world.drop(KEY, prompts('two'));
  await intakeObject(first, world.deps);
  expect(world.file()).toMatchObject({ status: 'failed', error: { code: 'source_gone' } });
  await intakeObject(world.drop(KEY, prompts('one')), world.deps);
  await world.work();
  expect(world.file()).toMatchObject({ status: 'completed', error: null });
  expect(await world.content.get(`results/${KEY}.jsonl`)).toContain('About one');
});

test('results too large to be copied are stored under the id of their file, which still ends', async () => {
  const world = makeFileWorld();
  world.deps.content.copy = async () => {
    const options = { code: 'too_large_to_copy', retryable: false };
    throw new UpstreamError('s3', 'larger than S3 copies at once', options);
  };
  await world.take(KEY, prompts('one'));
  await world.work();
  expect(world.file()).toMatchObject({ status: 'completed', pending: false, dueAt: null });
  expect(await world.read('.jsonl')).toContain('About one');
  expect(world.log.named('file.not_published')).toHaveLength(1);
});
