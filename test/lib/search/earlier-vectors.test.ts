import { expect, test } from 'vitest';
import { UpstreamError } from '../../../lib/errors.ts';
import { makeFindEarlierVectors } from '../../../lib/search/earlier-vectors.ts';
import { makeRun } from '../../factories/run.ts';
import { makeMemoryClock } from '../../memory/clock.ts';
import { makeMemoryLog } from '../../memory/log.ts';
import { makeMemoryVectorIndex, makeMemoryVectorList } from '../../memory/vector-index.ts';

const OWN = 'run_00000000000000000000000001';
const UNKNOWN = 'run_00000000000000000000000009';

const scene = () => {
  const index = makeMemoryVectorIndex({ dimension: 1 });
  const clock = makeMemoryClock();
  const log = makeMemoryLog();
  const runs = new Map([[OWN, makeRun({ id: OWN, caller: 'ann' })]]);
  const find = (prefix = 'dev:', vectorList = makeMemoryVectorList(index)) =>
    makeFindEarlierVectors({
      vectorList,
      getRun: async (id) => runs.get(id),
      namespace: (caller) => `${prefix}model:${caller}`,
      earlierNamespace: (caller) => `model:${caller}`,
      clock,
      log,
    });
  const put = (namespace: string, ...ids: string[]) =>
    index.upsert(
      namespace,
      ids.map((id) => ({ id, values: Float32Array.of(1), metadata: {} })),
    );
  return { index, clock, log, find, put };
};

test('outputs of the caller in the namespace of an earlier version are found, and logged with the remedy', async () => {
  const { put, find, log } = scene();
  await put('model:ann', `${OWN}#0#0`);
  expect(await find()('ann')).toBe(true);
  expect(log.entries).toEqual([
    {
      level: 'warn',
      event: 'search.earlier_vectors',
      namespace: 'model:ann',
      remedy: 'npx everytoken vectors move',
    },
  ]);
});

test('there are none without that namespace, or where it is the one that is searched', async () => {
  const { put, find, log } = scene();
  await put('model:bob', `${OWN}#0#0`);
  expect([await find()('ann'), await find()('bob')]).toEqual([false, false]);
  await put('model:ann', `${OWN}#0#0`);
  expect(await find('')('ann')).toBe(false);
  expect(log.entries).toEqual([]);
});

test('vectors without a run here are of another deployment, unless there are more than one page', async () => {
  const { put, find } = scene();
  await put('model:ann', `${UNKNOWN}#0#0`, 'a-note');
  expect(await find()('ann')).toBe(false);
  await put('model:ann', `${UNKNOWN}#0#1`);
  expect(await find()('ann')).toBe(true);
});

test('they are looked for once a minute for each caller, and a failure counts as none', async () => {
  const { put, find, clock, index, log } = scene();
  await put('model:ann', `${OWN}#0#0`);
  let calls = 0;
  const list = makeMemoryVectorList(index);
  const has = find('dev:', {
    ...list,
    ids: async function* (namespace) {
      calls += 1;
      if (calls === 1) throw new UpstreamError('pinecone', 'Pinecone cannot be reached');
      yield* list.ids(namespace);
    },
  });
  expect([await has('ann'), await has('ann'), calls]).toEqual([false, false, 1]);
  expect(log.named('search.earlier_unknown')).toHaveLength(1);
  await clock.advance(60_000);
  expect([await has('ann'), await has('ann'), calls]).toEqual([true, true, 2]);
});
