import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { COLUMNS, columnsWith } from '../../../lib/export/columns.ts';
import {
  createExport,
  deleteExport,
  type ExportJob,
  exportKey,
  findExport,
  viewExport,
} from '../../../lib/export/job.ts';
import { continueExport, type WorkDeps } from '../../../lib/export/work.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { FAULTS, type Faults, makeFaults } from '../../crash/faults.ts';
import { serverError } from '../../factories/generation.ts';
import { makeWorld, type World } from '../../memory/world.ts';
import { CALLER, exportedRows, exportOf, generate, makeExportedWorld, rowsIn } from './exported-world.ts';

const depsOf = (world: World, changes: Partial<WorkDeps> = {}): WorkDeps => ({
  ...world.deps,
  partBytes: 20_000,
  ...changes,
});

const ask = (world: World, body: Record<string, unknown> = {}): Promise<ExportJob> =>
  createExport({ format: 'jsonl', ...body }, CALLER, world.deps);

/** Works off the queue and sweeps until no export has work left, each invocation with a worker of its own. */
const untilQuiet = async (world: World, worker = () => depsOf(world)): Promise<void> => {
  for (let round = 0; round < 60; round += 1) {
    for (let message = world.exportQueue.receive(); message; message = world.exportQueue.receive()) {
      await continueExport(message.body.export_id, worker()).catch(() => {});
      message.delete();
    }
    if ([...world.exports.exports.values()].every(({ dueAt }) => dueAt === null)) return;
    await world.clock.advance(2 * 60_000);
    await sweep(world.deps);
  }
  throw new Error('exports are still due');
};

const objectOf = (world: World, job: ExportJob): Buffer | undefined =>
  world.content.objects.get(exportKey(job));

describe('an export into an object', () => {
  test('has the rows of a stream of the same runs, as JSON Lines and as CSV', async () => {
    const world = await makeExportedWorld(40);
    const job = await ask(world, { texts: true, metadata: { team: 'docs' } });
    const table = await ask(world, { format: 'csv', metadata_columns: ['team'] });
    const stream = await exportOf(world, 'texts=true&metadata.team=docs');
    const all = await exportedRows(world);
    await untilQuiet(world);
    expect(objectOf(world, job)?.toString()).toBe(stream);
    const cells: Record<string, string>[] = parse(objectOf(world, table) ?? '', { columns: true });
    expect(cells.map(({ run_id, index }) => `${run_id} ${index}`)).toEqual(
      all.map(({ run_id, index }) => `${run_id} ${index}`),
    );
    expect(await world.exports.get(job.id)).toMatchObject({
      status: 'completed',
      rows: rowsIn(stream).length,
      bytes: Buffer.byteLength(stream),
      lease: null,
      dueAt: null,
    });
    expect([...world.content.objects.keys()].filter((key) => key.includes('.state.'))).toEqual([]);
  });

  test('has no run that came after it was asked for', async () => {
    const world = await makeExportedWorld(2);
    const job = await ask(world);
    await generate(world);
    await untilQuiet(world);
    expect(await world.exports.get(job.id)).toMatchObject({ status: 'completed', rows: 4 });
  });

  test('is empty when there are no runs', async () => {
    const world = makeWorld();
    const [lines, table] = [await ask(world), await ask(world, { format: 'csv' })];
    await untilQuiet(world);
    expect(objectOf(world, lines)?.toString()).toBe('');
    expect(objectOf(world, table)?.toString()).toMatch(/^run_id,.*,cursor\r\n$/);
  });

  test('takes a limit of rows', async () => {
    const world = await makeExportedWorld(10);
    const job = await ask(world, { limit: 7 });
    await untilQuiet(world);
    expect(rowsIn(String(objectOf(world, job)))).toEqual((await exportedRows(world)).slice(0, 7));
  });
});

describe('an export as Parquet', () => {
  test('is read back by another library as the rows of JSON Lines, with the types of the columns', async () => {
    const world = await makeExportedWorld(60);
    const job = await ask(world, { format: 'parquet', metadata_columns: ['team'], texts: true });
    const rows = await exportedRows(world, 'texts=true&metadata_columns=team');
    await untilQuiet(world);
    const file = arrayBufferOf(objectOf(world, job));
    const { children } = parquetSchema(parquetMetadata(file));
    expect(children.map(({ element }) => element.name)).toEqual(
      columnsWith(['team']).map(({ name }) => name),
    );
    const typeOf = (name: string) => {
      const element = children.find((child) => child.element.name === name)?.element;
      return `${element?.type} ${element?.converted_type ?? ''}`.trim();
    };
    expect([typeOf('created_at'), typeOf('ttft_ms'), typeOf('prompt_tokens'), typeOf('cold_start')]).toEqual([
      'INT64 TIMESTAMP_MILLIS',
      'DOUBLE',
      'INT64',
      'BOOLEAN',
    ]);
    expect([typeOf('run_id'), typeOf('metadata')]).toEqual(['BYTE_ARRAY UTF8', 'BYTE_ARRAY UTF8']);
    const read = await parquetReadObjects({ file });
    expect(read.map((row) => asJson(row, ['team']))).toEqual(rows);
  });

  test('is one whole file when it was written by several invocations', async () => {
    const world = await makeExportedWorld(60);
    const job = await ask(world, { format: 'parquet' });
    const rows = await exportedRows(world);
    // Each invocation has time for 20 rows.
    let left = 0;
    const remainingMs = () => {
      left -= 1;
      return left > 0 ? 60_000 : 1;
    };
    const deps = depsOf(world, { remainingMs });
    for (let invocation = 0; invocation < 20; invocation += 1) {
      left = 20;
      await continueExport(job.id, deps);
    }
    expect(await world.exports.get(job.id)).toMatchObject({ status: 'completed', rows: rows.length });
    const file = arrayBufferOf(objectOf(world, job));
    expect(parquetMetadata(file).row_groups.length).toBeGreaterThan(2);
    const read = await parquetReadObjects({ file });
    expect(read.map((row) => asJson(row))).toEqual(rows);
  });
});

const arrayBufferOf = (bytes: Buffer | undefined): ArrayBuffer => {
  if (!bytes) throw new Error('there is no object');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
};

/** A row of Parquet as JSON Lines has it. */
const asJson = (row: Record<string, unknown>, metadataKeys: string[] = []): Record<string, unknown> =>
  Object.fromEntries(
    columnsWith(metadataKeys).map(({ name, kind }) => {
      const value = row[name] ?? null;
      if (value === null) return [name, null];
      if (kind === 'json') return [name, JSON.parse(String(value))];
      if (kind === 'integer') return [name, Number(value)];
      return [name, value instanceof Date ? value.toISOString() : value];
    }),
  );

describe('an interrupted export', () => {
  test.each(['jsonl', 'parquet'] as const)(
    'ends as one whole object, wherever it crashed: %s',
    async (format) => {
      const world = await makeExportedWorld(8);
      const expected = await exportedRows(world);
      const rowsOf = async (job: ExportJob) => {
        const object = objectOf(world, job);
        if (format === 'jsonl') return rowsIn(String(object));
        return (await parquetReadObjects({ file: arrayBufferOf(object) })).map((row) => asJson(row));
      };
      const count = await effectsOf(world, format);
      expect(count).toBeGreaterThan(8);
      for (let at = 1; at <= count; at += 1) {
        for (const fault of FAULTS) {
          const job = await ask(world, { format });
          const faults = makeFaults(new Map([[at, fault]]));
          await untilQuiet(world, () => faultyDeps(world, format, faults));
          const ended = await world.exports.get(job.id);
          const seen = [faults.effects[at - 1], fault];
          expect([...seen, ended?.status, ended?.rows]).toEqual([...seen, 'completed', expected.length]);
          expect(await rowsOf(job)).toEqual(expected);
          expect(leftIn(world)).toEqual([exportKey(job)]);
          await deleteExport(ended ?? job, world.deps);
          await world.clock.advance(30 * 60_000);
          await untilQuiet(world);
        }
      }
    },
    60_000,
  );

  test('goes on from its last part when time runs out', async () => {
    const world = await makeExportedWorld(20);
    const expected = await exportOf(world);
    const job = await ask(world);
    let left = 0;
    const deps = depsOf(world, {
      remainingMs: () => {
        left -= 1;
        return left > 0 ? 60_000 : 1;
      },
    });
    let invocations = 0;
    while ((await world.exports.get(job.id))?.status !== 'completed') {
      left = 7;
      invocations += 1;
      await continueExport(job.id, deps);
      expect(invocations).toBeLessThan(20);
    }
    expect(invocations).toBeGreaterThan(5);
    expect(String(objectOf(world, job))).toBe(expected);
  });

  test('fails by name after five attempts without progress', async () => {
    const world = await makeExportedWorld(3);
    const job = await ask(world);
    const content = {
      ...world.content,
      createUpload: async () => {
        throw serverError();
      },
    };
    await untilQuiet(world, () => depsOf(world, { content }));
    expect(await world.exports.get(job.id)).toMatchObject({
      status: 'failed',
      error: { code: 'attempts_exhausted' },
      dueAt: null,
    });
  });

  test('is not touched while another worker has it', async () => {
    const world = await makeExportedWorld(3);
    const job = await ask(world);
    await world.exports.change(
      job.id,
      { status: 'running', lease: { token: 'other', until: world.clock.now() + 60_000 } },
      {},
    );
    await continueExport(job.id, depsOf(world));
    expect(await world.exports.get(job.id)).toMatchObject({ lease: { token: 'other' }, attempts: 0 });
  });
});

const leftIn = ({ content }: World): string[] =>
  [...content.objects.keys()].filter((key) => key.startsWith('exports/') && !key.endsWith('.state.json'));

/** The ports of one worker, whose effects on an export fail as planned. */
const faultyDeps = (world: World, format: ExportJob['format'], faults: Faults): WorkDeps => {
  const { port } = faults.worker();
  const { get, list, ...parts } = world.content;
  return depsOf(world, {
    // Compressed rows are smaller, and several parts are wanted of both.
    partBytes: format === 'parquet' ? 6_000 : 16_000,
    exports: port('exports', world.exports),
    content: { ...world.content, ...port('content', parts), get, list },
  });
};

const effectsOf = async (world: World, format: ExportJob['format']): Promise<number> => {
  const faults = makeFaults(new Map());
  const job = await ask(world, { format });
  await untilQuiet(world, () => faultyDeps(world, format, faults));
  await deleteExport((await world.exports.get(job.id)) ?? job, world.deps);
  await world.clock.advance(30 * 60_000);
  await untilQuiet(world);
  return faults.effects.length;
};

describe('a deleted export', () => {
  test('has no object any more, also when its worker ended it meanwhile', async () => {
    const world = await makeExportedWorld(3);
    const job = await ask(world);
    const content = {
      ...world.content,
      completeUpload: async (...args: Parameters<typeof world.content.completeUpload>) => {
        await deleteExport(job, world.deps);
        await world.content.completeUpload(...args);
      },
    };
    await continueExport(job.id, depsOf(world, { content }));
    expect(objectOf(world, job)).toBeDefined();
    await untilQuiet(world);
    expect(objectOf(world, job)).toBeUndefined();
    expect(await world.exports.get(job.id)).toMatchObject({ status: 'deleted', query: null, dueAt: null });
    await expect(findExport(job.id, CALLER, world.deps)).rejects.toMatchObject({ code: 'gone' });
  });
});

describe('the view of an export', () => {
  test('has a URL of the object once it is completed, and is gone when it has expired', async () => {
    const world = await makeExportedWorld(3);
    const job = await ask(world);
    expect(await viewExport(job, world.deps)).toMatchObject({ status: 'queued', download: null });
    await continueExport(job.id, depsOf(world));
    const completed = await findExport(job.id, CALLER, world.deps);
    expect(await viewExport(completed, world.deps)).toMatchObject({
      status: 'completed',
      download: { url: `memory:get/${exportKey(job)}` },
    });
    await world.clock.advance(8 * 86_400_000);
    await expect(findExport(job.id, CALLER, world.deps)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is that of its caller alone', async () => {
    const world = await makeExportedWorld(1);
    const job = await ask(world);
    await expect(findExport(job.id, 'other', world.deps)).rejects.toMatchObject({ code: 'not_found' });
  });
});

test('a row of Parquet has a type for every column', () => {
  expect(new Set(COLUMNS.map(({ kind }) => kind))).toEqual(
    new Set(['text', 'integer', 'double', 'boolean', 'instant', 'json']),
  );
});
