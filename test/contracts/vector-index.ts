import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownVectors } from '../../lib/vectors/own-vectors.ts';
import type { VectorIndex, VectorRecord } from '../../lib/vectors/ports.ts';

export const CONTRACT_DIMENSION = 8;

/** A vector that points mostly along one axis, the others by a little: `axis` orders by cosine against any other. */
const along = (axis: number, share = 1): Float32Array =>
  Float32Array.from({ length: CONTRACT_DIMENSION }, (_, at) => (at === axis ? share : 0.1));

const record = (id: string, values: Float32Array, metadata: VectorRecord['metadata'] = {}): VectorRecord => ({
  id,
  values,
  metadata: { text: `text of ${id}`, ...metadata },
});

/** The contract of a vector index of `CONTRACT_DIMENSION` dimensions, for every implementation. */
export const vectorIndexContract = (
  name: string,
  open: () => Promise<{ index: VectorIndex; close(): Promise<void> }>,
): void => {
  describe(`${name} as a vector index`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let index: VectorIndex;
    beforeAll(async () => {
      opened = await open();
      index = opened.index;
    });
    afterAll(async () => opened.close());

    test('exists once it was ensured, and ensuring it again changes nothing', async () => {
      await index.ensure();
      await index.upsert('ensure', [record('a', along(0))]);
      await index.ensure();
      expect(await index.fetch('ensure', ['a'])).toHaveLength(1);
    });

    test('returns values and metadata as they were written, and nothing for unknown ids', async () => {
      const metadata = {
        index: 3,
        cost_usd: 0.00004,
        ok: true,
        tags: ['x', 'y'],
        'metadata.team': 'docs',
        odd: 'ü \u0001 "',
      };
      const written = record('run_1#3#0', along(2, 0.7), metadata);
      await index.upsert('round-trip', [written]);
      expect(await index.fetch('round-trip', ['run_1#3#0', 'nobody'])).toEqual([written]);
    });

    test('takes a record without metadata', async () => {
      await index.upsert('bare', [{ id: 'a', values: along(0), metadata: {} }]);
      expect(await index.fetch('bare', ['a'])).toEqual([{ id: 'a', values: along(0), metadata: {} }]);
      await index.delete('bare', ['a']);
      expect(await index.fetch('bare', ['a'])).toEqual([]);
    });

    test('overwrites a record of the same id', async () => {
      await index.upsert('overwrite', [record('a', along(0), { n: 1, gone: true })]);
      await index.upsert('overwrite', [record('a', along(1), { n: 2 })]);
      expect(await index.fetch('overwrite', ['a'])).toEqual([record('a', along(1), { n: 2 })]);
    });

    test('returns the nearest vectors by cosine first, whatever their length, with their metadata', async () => {
      await index.upsert('nearest', [
        record('far', along(5)),
        record(
          'near',
          along(1).map((value) => value * 9),
        ),
        record(
          'between',
          Float32Array.from(along(1), (value, at) => value + (along(5)[at] ?? 0)),
        ),
      ]);
      const matches = await index.query('nearest', along(1), { topK: 3 });
      expect(matches.map(({ id }) => id)).toEqual(['near', 'between', 'far']);
      expect(matches[0]?.score).toBeCloseTo(1, 4);
      expect(matches[0]?.metadata.text).toBe('text of near');
      expect(await index.query('nearest', along(1), { topK: 1 })).toHaveLength(1);
    });

    test('keeps namespaces apart', async () => {
      await index.upsert('model:one', [record('a', along(0))]);
      await index.upsert('model:two', [record('b', along(0))]);
      expect((await index.query('model:one', along(0), { topK: 10 })).map(({ id }) => id)).toEqual(['a']);
      expect(await index.fetch('model:two', ['a'])).toEqual([]);
    });

    test('treats a namespace that was never written to as empty', async () => {
      expect(await index.query('untouched', along(0), { topK: 5 })).toEqual([]);
      expect(await index.fetch('untouched', ['a'])).toEqual([]);
      await expect(index.delete('untouched', ['a'])).resolves.toBeUndefined();
    });

    test('deletes by id, and ignores unknown ids', async () => {
      await index.upsert('delete', [record('a', along(0)), record('b', along(1))]);
      await index.delete('delete', ['a', 'nobody']);
      await index.delete('delete', ['a']);
      expect((await index.fetch('delete', ['a', 'b'])).map(({ id }) => id)).toEqual(['b']);
    });

    test('does nothing for an empty list', async () => {
      await index.upsert('empty', []);
      await index.delete('empty', []);
      expect(await index.fetch('empty', [])).toEqual([]);
    });

    test('filters by equality, bounds, and their combinations; an absent field matches none of them', async () => {
      await index.upsert('filter', [
        record('fast', along(0), { label: 'A', e2e_ms: 100, 'metadata.team': 'docs' }),
        record('slow', along(0), { label: 'A', e2e_ms: 900 }),
        record('untimed', along(0), { label: 'B' }),
      ]);
      const found = async (filter: Record<string, unknown>) =>
        (await index.query('filter', along(0), { topK: 10, filter })).map(({ id }) => id).sort();
      expect(await found({ label: { $eq: 'A' } })).toEqual(['fast', 'slow']);
      expect(await found({ e2e_ms: { $lte: 100 } })).toEqual(['fast']);
      expect(await found({ e2e_ms: { $gte: 100, $lt: 901 } })).toEqual(['fast', 'slow']);
      expect(await found({ 'metadata.team': { $eq: 'docs' } })).toEqual(['fast']);
      expect(await found({ $and: [{ label: { $eq: 'A' } }, { e2e_ms: { $gt: 100 } }] })).toEqual(['slow']);
      expect(await found({ $or: [{ label: { $eq: 'B' } }, { e2e_ms: { $lt: 500 } }] })).toEqual([
        'fast',
        'untimed',
      ]);
    });

    test('filters a list of texts by any of its items', async () => {
      await index.upsert('lists', [
        record('both', along(0), { words: ['err_4411', 'szymborska'] }),
        record('one', along(0), { words: ['kubelet'] }),
        record('text', along(0), { words: 'kubelet' }),
        record('none', along(0)),
      ]);
      const found = async (filter: Record<string, unknown>) =>
        (await index.query('lists', along(0), { topK: 10, filter })).map(({ id }) => id).sort();
      expect(await found({ words: { $in: ['err_4411', 'unknown'] } })).toEqual(['both']);
      expect(await found({ words: { $in: ['kubelet', 'szymborska'] } })).toEqual(['both', 'one', 'text']);
      expect(await found({ words: { $in: ['err'] } })).toEqual([]);
      expect(await found({ words: { $in: [] } })).toEqual([]);
      expect(await found({ words: { $eq: 'szymborska' } })).toEqual(['both']);
    });

    test('accepts more records and ids at once than one request holds', async () => {
      const many = Array.from({ length: 1_203 }, (_, at) =>
        record(`run_many#${at}#0`, along(at % CONTRACT_DIMENSION)),
      );
      await index.upsert('many', many);
      const ids = many.map(({ id }) => id);
      expect(new Set((await index.fetch('many', ids)).map(({ id }) => id))).toEqual(new Set(ids));
      await index.delete('many', ids);
      expect(await index.fetch('many', ids)).toEqual([]);
    });

    test('refuses a vector of another dimension and writes nothing of the request', async () => {
      const wrong = record('wrong', new Float32Array([1, 2, 3]));
      await expect(index.upsert('wrong', [wrong])).rejects.toMatchObject({
        name: 'UpstreamError',
        status: 400,
        retryable: false,
      });
      expect(await index.fetch('wrong', ['wrong'])).toEqual([]);
    });
  });

  describe(`${name}, shared by two deployments in one namespace`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let shared: VectorIndex;
    let dev: VectorIndex;
    let prod: VectorIndex;
    beforeAll(async () => {
      opened = await open();
      shared = opened.index;
      dev = ownVectors(shared, 'everytoken-dev-Table-1');
      prod = ownVectors(shared, 'everytoken-prod-Table-2');
      await dev.ensure();
    });
    afterAll(async () => opened.close());

    test('gives each its own vectors as it wrote them, and none of the other', async () => {
      await dev.upsert('both', [record('d', along(0), { n: 1 })]);
      await prod.upsert('both', [record('p', along(0), { n: 2 })]);
      expect(await dev.fetch('both', ['d', 'p'])).toEqual([record('d', along(0), { n: 1 })]);
      expect(await prod.fetch('both', ['d', 'p'])).toEqual([record('p', along(0), { n: 2 })]);
      for (const filter of [undefined, { n: { $gt: 0 } }, { $or: [{ n: { $eq: 1 } }, { n: { $eq: 2 } }] }]) {
        const options = { topK: 5, ...(filter && { filter }) };
        const [only, ...others] = await dev.query('both', along(0), options);
        expect([only?.id, only?.metadata, others]).toEqual(['d', { text: 'text of d', n: 1 }, []]);
      }
    });

    test('deletes no vector of the other', async () => {
      await dev.upsert('deleting', [record('d', along(0))]);
      await prod.upsert('deleting', [record('p', along(0))]);
      await dev.delete('deleting', ['d', 'p']);
      expect(await dev.fetch('deleting', ['d'])).toEqual([]);
      expect(await prod.fetch('deleting', ['p'])).toHaveLength(1);
    });

    test('keeps both where both need the same id, and deletes each alone', async () => {
      const texts = async (index: VectorIndex) =>
        (await index.fetch('same', ['run_1#0#0'])).map(({ id, metadata }) => [id, metadata.text]);
      await dev.upsert('same', [record('run_1#0#0', along(0), { text: 'of dev' })]);
      for (let time = 0; time < 2; time += 1)
        await prod.upsert('same', [record('run_1#0#0', along(0), { text: 'of prod' })]);
      expect([await texts(dev), await texts(prod)]).toEqual([
        [['run_1#0#0', 'of dev']],
        [['run_1#0#0', 'of prod']],
      ]);
      expect((await prod.query('same', along(0), { topK: 5 })).map(({ id }) => id)).toEqual(['run_1#0#0']);
      await dev.delete('same', ['run_1#0#0']);
      expect([await texts(dev), await texts(prod)]).toEqual([[], [['run_1#0#0', 'of prod']]]);
      await prod.delete('same', ['run_1#0#0']);
      expect(await texts(prod)).toEqual([]);
    });

    test('finds, replaces and deletes a vector that an earlier version wrote without a deployment', async () => {
      await shared.upsert('earlier', [record('a', along(0)), record('b', along(1))]);
      expect((await dev.query('earlier', along(0), { topK: 5 })).map(({ id }) => id)).toEqual(['a', 'b']);
      await dev.upsert('earlier', [record('a', along(0), { n: 1 })]);
      await dev.delete('earlier', ['b']);
      expect(await shared.fetch('earlier', ['a', 'b'])).toEqual([
        record('a', along(0), { n: 1, deployment: 'everytoken-dev-Table-1' }),
      ]);
    });
  });
};
