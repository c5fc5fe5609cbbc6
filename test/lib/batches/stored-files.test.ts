import { describe, expect, test } from 'vitest';
import { type FilesQuery, listStoredFiles } from '../../../lib/batches/list-files.ts';
import { createInput, deleteStoredFile, findStoredFile } from '../../../lib/batches/stored-files.ts';
import { chatLine, makeBatchWorld, request } from './batch-world.ts';

const text = '{"a": "ü"}\n';

describe('an input file', () => {
  test('has its name, its size, and the time at which it was stored', async () => {
    const world = makeBatchWorld();
    const file = await createInput({ filename: 'Häuser 1.jsonl', text }, 'local', world.deps);
    expect(file).toMatchObject({
      id: expect.stringMatching(/^file-[0-9a-z]{26}$/),
      purpose: 'batch',
      filename: 'Häuser 1.jsonl',
      bytes: 12,
      createdAt: world.clock.now(),
    });
    expect(await findStoredFile(file.id, 'local', world.deps)).toEqual(file);
  });

  test.each(['', 'a/b.jsonl', 'a\nb', 'x'.repeat(201)])('cannot be named %j', async (filename) => {
    const world = makeBatchWorld();
    await expect(createInput({ filename, text }, 'local', world.deps)).rejects.toMatchObject({
      issues: [{ path: 'file' }],
    });
  });

  test('is another caller’s, deleted or unknown for whoever cannot find it', async () => {
    const world = makeBatchWorld();
    const { id } = await createInput({ filename: 'a', text }, 'local', world.deps);
    const find = (own: string, caller = 'local') => findStoredFile(own, caller, world.deps);
    await expect(find(id, 'loca')).rejects.toMatchObject({ code: 'not_found' });
    await expect(find(id.slice(0, -1))).rejects.toMatchObject({ code: 'not_found' });
    await expect(deleteStoredFile(id, 'other', world.deps)).rejects.toMatchObject({ code: 'not_found' });
    await deleteStoredFile(id, 'local', world.deps);
    await expect(find(id)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the list of files', () => {
  test('has full pages where results were deleted, and no more only when there are none', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('one', 'one'), chatLine('f', 'fail')]);
    for (let batch = 0; batch < 20; batch += 1) {
      await world.clock.advance(1_000);
      await world.create(request(input));
    }
    await world.finish();
    const list = (query: Partial<FilesQuery>) =>
      listStoredFiles({ limit: 100, order: 'desc', ...query }, 'local', world.deps);
    const { files } = await list({ purpose: 'batch_output' });
    expect(files).toHaveLength(40);
    // Of the newest fifteen batches nothing is left, and of the others the errors.
    const left = files.filter(({ id }, at) => at >= 30 && id.endsWith('-errors'));
    for (const file of files) if (!left.includes(file)) await deleteStoredFile(file.id, 'local', world.deps);
    const ids = [...left.map(({ id }) => id), input];
    for (const order of ['desc', 'asc'] as const) {
      const expected = order === 'desc' ? ids : ids.toReversed();
      const idsOf = async (query: Partial<FilesQuery>) => {
        const page = await list({ order, ...query });
        return { ids: page.files.map(({ id }) => id), hasMore: page.hasMore };
      };
      expect(await idsOf({ limit: 2 })).toEqual({ ids: expected.slice(0, 2), hasMore: true });
      const after = expected[1];
      expect(await idsOf({ limit: 4, after })).toEqual({ ids: expected.slice(2), hasMore: false });
      expect(await idsOf({ limit: 3, after })).toEqual({ ids: expected.slice(2, 5), hasMore: true });
    }
  });

  const manyFiles = async () => {
    const world = makeBatchWorld();
    const ids: string[] = [];
    for (const name of ['one', 'two']) {
      await world.clock.advance(1_000);
      const input = await world.upload([chatLine(name, name), chatLine('f', 'fail')]);
      await world.clock.advance(1_000);
      const { id } = await world.create(request(input));
      await world.finish();
      const own = id.replace('batch_', 'file-');
      ids.unshift(`${own}-output`, `${own}-errors`, input);
    }
    const list = (query: Partial<FilesQuery> = {}) =>
      listStoredFiles({ limit: 100, order: 'desc', ...query }, 'local', world.deps);
    const idsOf = async (query: Partial<FilesQuery> = {}) => (await list(query)).files.map(({ id }) => id);
    return { world, ids, list, idsOf };
  };

  test('has inputs and results, newest first or oldest first', async () => {
    const { ids, idsOf } = await manyFiles();
    expect(await idsOf()).toEqual(ids);
    expect(await idsOf({ order: 'asc' })).toEqual(ids.toReversed());
  });

  test('can be of one purpose', async () => {
    const { ids, idsOf } = await manyFiles();
    const isInput = (id: string) => /^file-[^-]+$/.test(id);
    expect(await idsOf({ purpose: 'batch' })).toEqual(ids.filter(isInput));
    expect(await idsOf({ purpose: 'batch_output' })).toEqual(ids.filter((id) => !isInput(id)));
  });

  test.each(['desc', 'asc'] as const)('has the same files in pages of any size, %s', async (order) => {
    const { ids, list } = await manyFiles();
    for (const limit of [1, 2, 4, 6]) {
      const seen: string[] = [];
      for (;;) {
        const after = seen.at(-1);
        const page = await list({ limit, order, ...(after !== undefined && { after }) });
        seen.push(...page.files.map(({ id }) => id));
        if (!page.hasMore) break;
      }
      expect(seen).toEqual(order === 'desc' ? ids : ids.toReversed());
    }
  });

  test('goes on after a file that was deleted meanwhile, and after no file of another caller', async () => {
    const { world, ids, idsOf } = await manyFiles();
    await deleteStoredFile(ids[2] ?? '', 'local', world.deps);
    await deleteStoredFile(ids[3] ?? '', 'local', world.deps);
    expect(await idsOf({ after: ids[2] })).toEqual(ids.slice(4));
    await expect(idsOf({ after: 'file-x' })).rejects.toMatchObject({ issues: [{ path: 'after' }] });
  });

  test('is empty for another caller', async () => {
    const { world } = await manyFiles();
    const other = await listStoredFiles({ limit: 9, order: 'desc' }, 'other', world.deps);
    expect(other).toEqual({ files: [], hasMore: false });
  });
});
