import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeEach, describe, expect, test } from 'vitest';
import { embedRuns } from '../../../lib/embed/embed-runs.ts';
import { continueFile } from '../../../lib/files/move-file.ts';
import { callerOfKey } from '../../../lib/files/prompt-file.ts';
import { type CreatedObject, fileIdOf, intakeObject } from '../../../lib/files/read/intake.ts';
import type { LineJob } from '../../../lib/files/work/blocks.ts';
import { generateJob } from '../../../lib/files/work/generate-job.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { makeGenerateOne, serverError } from '../../factories/generation.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const fulfils = new Ajv2020().compile(
  JSON.parse(
    readFileSync(new URL('../../../docs/events/file-completed.schema.json', import.meta.url), 'utf8'),
  ),
);

const KEY = 'prompts/questions.json';
let world: World;
let generateOne: ReturnType<typeof makeGenerateOne>;
beforeEach(() => {
  generateOne = makeGenerateOne(({ messages }) => {
    const prompt = messages[0]?.content ?? '';
    return prompt === 'fail' ? null : `Answer to ${prompt}`;
  });
  world = makeWorld({ generateOne });
});

const drop = (lines: unknown, key = KEY) =>
  world.drop(key, typeof lines === 'string' ? lines : JSON.stringify(lines));
const prompts = (...texts: string[]) => texts.map((prompt) => ({ prompt }));

/** Processes everything that can be received now. */
const work = async (deps: World['deps'] = world.deps) => {
  for (;;) {
    const job = world.jobs.receive();
    const message = world.fileQueue.receive();
    if (job) await generateJob(job.body, deps);
    job?.delete();
    if (message) await continueFile(message.body.file_id, deps);
    message?.delete();
    if (!job && !message) return;
  }
};
const take = async (object: CreatedObject) => {
  await intakeObject(object, world.deps);
  await work();
  return fileIdOf(object);
};
const rowsOf = async (id: string, key = KEY) =>
  (await world.content.get(`results/${key}.${id}.jsonl`))
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));
const summaryOf = async (id: string, key = KEY) =>
  JSON.parse(await world.content.get(`results/${key}.${id}.summary.json`));
const prompted = () => generateOne.calls.map(({ prompt }) => prompt);

describe('a file of run requests', () => {
  test('makes a run per line, and a result per line in its order', async () => {
    const id = await take(
      drop([...prompts('one', 'two'), { prompt: 'three', samples: 2, metadata: { team: 'docs' } }]),
    );
    const rows = await rowsOf(id);
    expect(rows.map(({ line, status, error }) => [line, status, error])).toEqual([
      [1, 'completed', null],
      [2, 'completed', null],
      [3, 'completed', null],
    ]);
    expect(rows.map(({ run }) => run.generations.map(({ text }: { text: string }) => text))).toEqual([
      ['Answer to one'],
      ['Answer to two'],
      ['Answer to three', 'Answer to three'],
    ]);
    const run = await world.runs.get(rows[1].run_id);
    expect(run).toMatchObject({
      caller: 'files',
      status: 'generated',
      file: { fileId: id, block: 0, line: 2 },
    });
    expect(await world.files.get(id)).toMatchObject({
      status: 'completed',
      lines: 3,
      fullBlocks: [0],
      pending: false,
      dueAt: null,
    });
    expect((await world.files.getBlock(id, 0))?.dueAt).toBeNull();
    expect(await summaryOf(id)).toMatchObject({
      file_id: id,
      key: KEY,
      status: 'completed',
      counts: { lines: 3, completed: 3, failed: 0, generations: 4 },
      usage: { prompt_tokens: 36, completion_tokens: 12 },
    });
    expect(world.bus.idsOf('FileCompleted')).toEqual([`${id}.FileCompleted`]);
    const completed = world.bus.events.find(({ type }) => type === 'FileCompleted');
    expect(fulfils(completed?.detail)).toBe(true);
    expect(await world.content.get(`results/${KEY}.jsonl`)).toBe(
      await world.content.get(`results/${KEY}.${id}.jsonl`),
    );
    expect(world.content.objects.has(`results/${KEY}.summary.json`)).toBe(true);
  });

  test('has the same results whether its runs are embedded before or after', async () => {
    const object = drop(prompts('one'));
    await intakeObject(object, world.deps);
    const job = world.jobs.receive();
    if (job) await generateJob(job.body, world.deps);
    job?.delete();
    const file = fileIdOf(object);
    await continueFile(file, world.deps);
    const early = await world.content.get(`results/${KEY}.${file}.jsonl`);
    const other = makeWorld({
      generateOne: makeGenerateOne(({ messages }) => `Answer to ${messages[0]?.content}`),
    });
    world = other;
    await intakeObject(drop(prompts('one')), world.deps);
    const again = world.jobs.receive();
    if (again) await generateJob(again.body, world.deps);
    await embedRuns(world.generatedEvents(), world.deps);
    expect([...world.runs.runs.values()][0]?.status).toBe('completed');
    await continueFile(file, world.deps);
    expect(await world.content.get(`results/${KEY}.${file}.jsonl`)).toBe(early);
  });

  test('skips a bad line among good ones and reports it with its error and number', async () => {
    const id = await take(
      drop([
        { prompt: 'one' },
        { prompt: 'two', top_p: 7 },
        'x',
        { prompt: 'four', stream: true },
        { prompt: 'fail' },
        { prompt: 'six' },
      ]),
    );
    const rows = await rowsOf(id);
    expect(rows.map(({ line, status, error }) => [line, status, error?.code ?? null])).toEqual([
      [1, 'completed', null],
      [2, 'failed', 'invalid_input'],
      [3, 'failed', 'invalid_input'],
      [4, 'failed', 'invalid_input'],
      [5, 'failed', 'server_error'],
      [6, 'completed', null],
    ]);
    expect(rows[1].error.errors).toMatchObject([{ path: 'top_p' }]);
    expect(rows[1]).toMatchObject({ run_id: null, run: null });
    expect(await world.files.get(id)).toMatchObject({ status: 'completed_with_errors' });
    expect((await summaryOf(id)).counts).toEqual({
      lines: 6,
      accepted: 3,
      refused: 3,
      reused: 0,
      generated: 3,
      completed: 2,
      failed: 4,
      generations: 3,
    });
    expect(prompted()).toEqual(['one', 'fail', 'six']);
  });

  test('makes separate runs of equal lines', async () => {
    const rows = await rowsOf(await take(drop(prompts('same', 'same', 'other'))));
    expect(new Set(rows.map(({ run_id }) => run_id)).size).toBe(3);
    expect(prompted().toSorted()).toEqual(['other', 'same', 'same']);
  });

  test('that was corrected generates only the lines that changed', async () => {
    const first = await rowsOf(await take(drop(prompts('one', 'two', 'three'))));
    const second = await rowsOf(await take(drop(prompts('three', 'one', 'TWO'))));
    expect(prompted()).toEqual(['one', 'two', 'three', 'TWO']);
    expect(second.map(({ run_id }) => run_id).slice(0, 2)).toEqual([first[2].run_id, first[0].run_id]);
    expect(second.map(({ run }) => run.generations[0].text)).toEqual([
      'Answer to three',
      'Answer to one',
      'Answer to TWO',
    ]);
  });

  test('under another key makes other runs', async () => {
    await take(drop(prompts('one')));
    await take(drop(prompts('one'), 'prompts/other.json'));
    expect(prompted()).toEqual(['one', 'one']);
  });

  test('belongs to the caller that its key names', async () => {
    const id = await take(drop(prompts('one'), 'prompts/@alice/one.json'));
    const [row] = await rowsOf(id, 'prompts/@alice/one.json');
    expect((await world.runs.get(row.run_id))?.caller).toBe('alice');
    expect(
      ['prompts/a/@b/c.txt', 'prompts/@/x.txt', 'prompts/@bob', 'prompts/../x.txt'].map(callerOfKey),
    ).toEqual(['files', 'files', 'files', 'files']);
  });

  test('whose run was deleted reports it in the line', async () => {
    const object = drop(prompts('one', 'two'));
    await intakeObject(object, world.deps);
    const job = world.jobs.receive();
    if (job) await generateJob(job.body, world.deps);
    job?.delete();
    const [run] = world.runs.runs.values();
    await deleteRun((run as Run).id, 'files', world.deps);
    await work();
    const rows = await rowsOf(fileIdOf(object));
    expect(rows.map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'gone'],
      ['completed', undefined],
    ]);
  });
});

describe('a .txt file', () => {
  test('is one prompt, and its bare text is a result, too', async () => {
    const key = 'prompts/a question.txt';
    const id = await take(drop('\uFEFFExplain\r\nthis.\r\n', key));
    expect(prompted()).toEqual(['Explain\nthis.']);
    expect(await world.content.get(`results/${key}.${id}.txt`)).toBe('Answer to Explain\nthis.\n');
    expect(await world.content.get(`results/${key}.txt`)).toBe('Answer to Explain\nthis.\n');
  });

  test('that fails has no answer: the error is in its lines and in the summary', async () => {
    const key = 'prompts/a.txt';
    const id = await take(drop('fail', key));
    const written = await world.content.list('results/');
    expect(written.filter((name) => name.endsWith('.txt'))).toEqual([]);
    const error = { code: 'server_error', message: 'the model server answered 500' };
    expect(await rowsOf(id, key)).toMatchObject([{ status: 'failed', error }]);
    expect(await summaryOf(id, key)).toMatchObject({
      status: 'completed_with_errors',
      counts: { completed: 0, failed: 1 },
      first_error: { line: 1, ...error },
    });
  });

  test('that fails takes the answer to its earlier version away from its name', async () => {
    const key = 'prompts/a.txt';
    const first = await take(drop('one', key));
    expect(await world.content.get(`results/${key}.txt`)).toBe('Answer to one\n');
    await take(drop('fail', key));
    await take(world.drop(key, ''));
    const written = await world.content.list('results/');
    expect(written.filter((name) => name.endsWith('.txt'))).toEqual([`results/${key}.${first}.txt`]);
    await take(drop('one', key));
    expect(await world.content.get(`results/${key}.txt`)).toBe('Answer to one\n');
  });

  test('has no answer in a dry run', async () => {
    const key = 'prompts/a.md';
    await take(world.drop(key, '---\ndry_run: true\n---\none'));
    expect((await world.content.list('results/')).filter((name) => name.endsWith('.txt'))).toEqual([]);
  });
});

describe('a file that cannot be read as prompts has its failure as its result, permanently', () => {
  const cases: [string, string, string | Uint8Array, string][] = [
    ['an empty one', KEY, '', 'empty'],
    ['one that is no JSON', KEY, 'no json', 'invalid_json'],
    ['one in another encoding', 'prompts/a.txt', Uint8Array.from([0xff, 0xfe, 0x61]), 'bad_encoding'],
    ['one with a bad header', 'prompts/a.csv', 'prompt,prompt\nx,y\n', 'bad_header'],
    [
      'one with bad defaults',
      'prompts/a.jsonl',
      '{"defaults":{"tempratur":1}}\n{"prompt":"x"}\n',
      'bad_defaults',
    ],
    [
      'one that ends in another encoding',
      'prompts/a.jsonl',
      Buffer.concat([Buffer.from('{"prompt":"x"}\n'), Buffer.from([0xff, 0xfe])]),
      'bad_encoding',
    ],
  ];
  test.each(cases)('%s', async (_, key, body, code) => {
    const id = await take(world.drop(key, body));
    expect(await world.files.get(id)).toMatchObject({
      status: 'failed',
      error: { code },
      pending: false,
      dueAt: null,
    });
    expect(await rowsOf(id, key)).toMatchObject([{ line: null, status: 'failed', error: { code } }]);
    expect(await summaryOf(id, key)).toMatchObject({
      status: 'failed',
      error: { code },
      counts: { lines: 0 },
    });
    expect(world.bus.idsOf('FileCompleted')).toEqual([`${id}.FileCompleted`]);
    expect(world.jobs.bodies()).toEqual([]);
  });

  test('one over the size limit is not even read', async () => {
    const object = { ...drop('x', 'prompts/a.txt'), size: 1024 * 1024 + 1 };
    const readSource = async () => Promise.reject(new Error('read'));
    await intakeObject(object, { ...world.deps, readSource });
    expect(await world.files.get(fileIdOf(object))).toMatchObject({ error: { code: 'too_large' } });
  });

  test('one that is gone, replaced, or not readable for us', async () => {
    const gone = drop(prompts('one'), 'prompts/gone.json');
    world.content.objects.delete('prompts/gone.json');
    await take(gone);
    expect(await world.files.get(fileIdOf(gone))).toMatchObject({ error: { code: 'source_gone' } });
    const replaced = drop(prompts('one'));
    const newer = drop(prompts('two'));
    await take(replaced);
    await take(newer);
    expect(await world.files.get(fileIdOf(replaced))).toMatchObject({ error: { code: 'source_gone' } });
    const secret = drop(prompts('one'), 'prompts/secret.json');
    world.content.forbidden.add('prompts/secret.json');
    await take(secret);
    expect(await world.files.get(fileIdOf(secret))).toMatchObject({ error: { code: 'unreadable' } });
  });

  test('but not one whose source cannot be read for now, which is retried', async () => {
    const object = drop(prompts('one'));
    const readSource = async () => Promise.reject(serverError());
    await expect(intakeObject(object, { ...world.deps, readSource })).rejects.toMatchObject({
      retryable: true,
    });
    await take(object);
    expect(await world.files.get(fileIdOf(object))).toMatchObject({ status: 'completed' });
  });
});

test.each(['results/questions.json', 'prompts/notes.pdf', 'prompts/folder/', 'prompts/a.json.defaults.json'])(
  '%s is no prompt file: it is counted and otherwise ignored',
  async (key) => {
    await take(drop('[]', key));
    expect(world.files.files.size).toBe(0);
    expect(world.log.named('file.ignored')).toHaveLength(1);
  },
);

describe('the newest file of a key', () => {
  const newest = () => world.content.get(`results/${KEY}.jsonl`);
  const own = (object: CreatedObject) => world.content.get(`results/${KEY}.${fileIdOf(object)}.jsonl`);
  /** Two contents whose events come in the wrong order, with the older source still readable. */
  const readBoth = (older: CreatedObject, body: unknown) => ({
    ...world.deps,
    readSource: async (key: string, etag: string, range: { start: number; end: number }) =>
      etag === older.etag
        ? Buffer.from(JSON.stringify(body)).subarray(range.start, range.end)
        : world.readSource(key, etag, range),
  });

  test('is the one with the later sequencer when events come in reverse order, and both have results', async () => {
    const older = drop(prompts('one'));
    const newer = drop(prompts('two'));
    await take(newer);
    const deps = readBoth(older, prompts('one'));
    await intakeObject(older, deps);
    await work(deps);
    expect(await newest()).toBe(await own(newer));
    expect(await own(older)).toContain('Answer to one');
  });

  test('is the same content dropped again after another one, without generating it again', async () => {
    const first = drop(prompts('one'));
    await take(first);
    await take(drop(prompts('two')));
    expect(await newest()).toContain('Answer to two');
    const again = drop(prompts('one'));
    expect(fileIdOf(again)).toBe(fileIdOf(first));
    await take(again);
    expect(await newest()).toBe(await own(first));
    expect(prompted()).toEqual(['one', 'two']);
  });

  test('keeps its place when an older file ends while it was published', async () => {
    const older = drop(prompts('one'));
    await intakeObject(older, world.deps);
    const job = world.jobs.receive();
    if (job) await generateJob(job.body, world.deps);
    job?.delete();
    world.fileQueue.receive()?.delete();
    let isFirst = true;
    const content: World['content'] = {
      ...world.content,
      copy: async (from, to, type) => {
        // The older one has read which is newest, and is about to write: the newer one comes and ends first.
        if (isFirst && to === `results/${KEY}.jsonl`) {
          isFirst = false;
          await take(drop(prompts('two')));
        }
        await world.content.copy(from, to, type);
      },
    };
    await continueFile(fileIdOf(older), { ...world.deps, content });
    expect(await newest()).toContain('Answer to two');
  });
});

describe('a duplicate event', () => {
  test('at the same time makes one file and one run per line', async () => {
    const object = drop(prompts('one', 'two'));
    await Promise.all([intakeObject(object, world.deps), intakeObject(object, world.deps)]);
    await work();
    expect(world.files.files.size).toBe(1);
    expect(prompted().toSorted()).toEqual(['one', 'two']);
    expect(world.bus.idsOf('FileCompleted')).toHaveLength(1);
  });

  test('later changes nothing', async () => {
    const object = drop(prompts('one'));
    const id = await take(object);
    const before = await world.files.get(id);
    await take(object);
    expect(await world.files.get(id)).toEqual(before);
    expect(prompted()).toEqual(['one']);
  });
});

describe('a crash of intake', () => {
  const broken = (port: 'content' | 'files' | 'jobs', method: string, after: number): World['deps'] => {
    let calls = 0;
    const original = world.deps[port] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const failing = async (...args: unknown[]) => {
      if (++calls > after) throw serverError();
      return original[method]?.(...args);
    };
    return { ...world.deps, [port]: { ...original, [method]: failing } };
  };

  test.each([
    ['after FILE was made', 'files', 'noteNewest', 0],
    ['before its lines were saved', 'content', 'put', 0],
    ['before its block was made', 'files', 'createBlock', 0],
    ['before it was generating', 'files', 'change', 0],
  ] as const)('%s is recovered by the sweep and a message to intake', async (_, port, method, calls) => {
    const object = drop(prompts('one', 'two'));
    await expect(intakeObject(object, broken(port, method, calls))).rejects.toThrow();
    await world.clock.advance(10 * 60_000);
    await sweep(world.deps);
    await work();
    expect(await world.files.get(fileIdOf(object))).toMatchObject({ status: 'completed', lines: 2 });
    expect(await world.content.get(`results/${KEY}.jsonl`)).toContain('Answer to two');
    expect(prompted().toSorted()).toEqual(['one', 'two']);
  });

  test('before all its jobs were sent is recovered by the due time of the block', async () => {
    const object = drop(prompts('one', 'two', 'three'));
    await expect(intakeObject(object, broken('jobs', 'sendAll', 0))).rejects.toThrow();
    await work();
    expect(prompted()).toEqual([]);
    await world.clock.advance(10 * 60_000);
    await sweep(world.deps);
    await work();
    expect(prompted()).toEqual(['one', 'two', 'three']);
    expect(await world.files.get(fileIdOf(object))).toMatchObject({ status: 'completed' });
  });
});

describe('the job of a line', () => {
  test('that is delivered twice is done once', async () => {
    await intakeObject(drop(prompts('one')), world.deps);
    const job = world.jobs.receive();
    if (!job) throw new Error('no job');
    job.delete();
    await generateJob(job.body, world.deps);
    expect(world.fileQueue.bodies()).toHaveLength(1);
    await generateJob(job.body, world.deps);
    await work();
    expect(prompted()).toEqual(['one']);
    expect(world.bus.idsOf('FileCompleted')).toHaveLength(1);
  });

  test('whose run belongs to another worker is retried in a minute', async () => {
    await intakeObject(drop(prompts('one')), world.deps);
    const job = world.jobs.receive();
    if (!job) throw new Error('no job');
    job.delete();
    let open = () => {};
    const slow = makeGenerateOne(
      () =>
        new Promise((resolve) => {
          open = () => resolve('slow');
        }),
    );
    const first = generateJob(job.body, { ...world.deps, generateOne: slow });
    await expect.poll(() => slow.calls.length).toBe(1);
    await generateJob(job.body, world.deps);
    const { file_id, line } = job.body as LineJob;
    expect(world.jobs.bodies()).toMatchObject([{ type: 'line', file_id, line }]);
    expect(world.jobs.nextAt()).toBe(world.clock.now() + 60_000);
    open();
    await first;
    expect(prompted()).toEqual([]);
  });

  test('that waits for the run of an earlier file loses no attempt by it', async () => {
    await intakeObject(drop(prompts('one')), world.deps);
    const first = world.jobs.receive();
    if (!first) throw new Error('no job');
    first.delete();
    let fail = () => {};
    const slow = makeGenerateOne(
      () =>
        new Promise((resolve) => {
          fail = () => resolve(null);
        }),
    );
    const working = generateJob(first.body, { ...world.deps, generateOne: slow });
    await expect.poll(() => slow.calls.length).toBe(1);
    const object = drop(prompts('one', 'two'));
    await intakeObject(object, world.deps);
    const [sent] = world.jobs.bodies();
    const again: LineJob = { ...(sent as LineJob), again: true };
    for (let wait = 0; wait < 6; wait += 1) await generateJob(again, world.deps);
    fail();
    await working;
    await generateJob(again, world.deps);
    await work();
    expect(await world.files.get(fileIdOf(object))).toMatchObject({ counts: { completed: 2, failed: 0 } });
  });

  test('holds a pointer to the bytes of the line, whatever the line contains', async () => {
    await take(drop(prompts('ünïcödé 漢字', 'a\nb "c"', '🚀')));
    expect(prompted()).toEqual(['ünïcödé 漢字', 'a\nb "c"', '🚀']);
  });
});

test('results that could not be published are published at the next sweep of the file', async () => {
  const object = drop(prompts('one'));
  const content: World['content'] = {
    ...world.content,
    copy: async (from, to, type) => {
      if (to === `results/${KEY}.jsonl`) throw serverError();
      await world.content.copy(from, to, type);
    },
  };
  await intakeObject(object, world.deps);
  const job = world.jobs.receive();
  if (job) await generateJob(job.body, world.deps);
  job?.delete();
  await expect(continueFile(fileIdOf(object), { ...world.deps, content })).rejects.toThrow();
  await work();
  await world.clock.advance(60_000);
  await sweep(world.deps);
  await work();
  expect(await world.content.get(`results/${KEY}.jsonl`)).toContain('Answer to one');
  expect(world.bus.idsOf('FileCompleted')).toHaveLength(1);
});
