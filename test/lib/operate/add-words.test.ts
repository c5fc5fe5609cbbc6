import { beforeEach, expect, test } from 'vitest';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { addWords } from '../../../lib/operate/add-words.ts';
import { makeSearchOutputs } from '../../../lib/search/search-outputs.ts';
import type { VectorRecord } from '../../../lib/vectors/ports.ts';
import { makeFaults } from '../../crash/faults.ts';
import { makeMachine } from '../../crash/machine.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const NAMESPACE = 'dev:bag-of-words:files';
const FOREIGN = 'run_00000000000000000000000009#0#0';

let world: World;
const stored = () => world.sharedVectors.fetch(NAMESPACE, world.vectorIds()[NAMESPACE] ?? []);
const depsOf = ({ runs, sharedVectors, vectorList, deployment, namespace }: World) => ({
  ...{ runs, sharedVectors, vectorList, deployment, namespace },
});
const add = async (deps = depsOf(world)) => {
  const done = [];
  for await (const namespace of addWords(deps)) done.push(namespace);
  return done;
};
const search = (query: string) =>
  makeSearchOutputs({ ...world.deps, index: world.vectors, getRun: world.runs.get })('files', {
    query,
    topK: 1,
    filter: {},
  });

/** Three runs as an earlier version stored them, without words, and a vector of another deployment. */
beforeEach(async () => {
  const generateOne = makeGenerateOne(({ messages }) => `an answer about ${messages.at(-1)?.content}`);
  world = makeWorld({ namespacePrefix: 'dev:', deployment: 'dev', generateOne });
  const machine = makeMachine(world, makeFaults(new Map()));
  const prompts = [{ prompt: 'ERR_4411' }, { prompt: 'ERR_4417' }, { prompt: 'queues' }];
  await machine.objects.send(world.drop('prompts/dev.json', JSON.stringify(prompts)));
  await machine.untilQuiet();
  for (const { metadata } of world.sharedVectors.namespaces.get(NAMESPACE)?.values() ?? [])
    delete metadata.words;
  const metadata = { text: 'ERR_4411', deployment: 'prod' };
  await world.sharedVectors.upsert(NAMESPACE, [
    { id: FOREIGN, values: new Float32Array(64).fill(1), metadata },
  ]);
});

test('vectors stored without words get those of their texts, and nothing else of them changes', async () => {
  const before = await stored();
  expect(await add()).toEqual([{ namespace: NAMESPACE, read: 4, added: 2 }]);
  const after = await stored();
  const withoutWords = ({ metadata: { words: _, ...metadata }, ...record }: VectorRecord) => ({
    ...record,
    metadata,
  });
  expect(after.map(withoutWords)).toEqual(before);
  expect(after.flatMap(({ metadata }) => metadata.words ?? []).toSorted()).toEqual(
    ['4411', '4417', 'err', 'err', 'err_4411', 'err_4417'].toSorted(),
  );
  expect((await search('4417')).matches).toMatchObject([
    { text: 'an answer about ERR_4417', words: ['4417'] },
  ]);
  expect(await add()).toEqual([{ namespace: NAMESPACE, read: 4, added: 0 }]);
  expect(await stored()).toEqual(after);
});

test('a run that is deleted while its vector is written again does not come back', async () => {
  const [first] = (await stored()).filter(({ metadata }) => metadata.text === 'an answer about ERR_4411');
  const deps = depsOf(world);
  const sharedVectors = {
    ...deps.sharedVectors,
    upsert: async (namespace: string, records: VectorRecord[]) => {
      if (records.some(({ id }) => id === first?.id))
        await deleteRun(String(first?.metadata.run_id), 'files', world.deps);
      await deps.sharedVectors.upsert(namespace, records);
    },
  };
  await add({ ...deps, sharedVectors });
  expect(world.vectorIds()[NAMESPACE]).not.toContain(first?.id);
  expect(world.vectorIds()[NAMESPACE]).toHaveLength(3);
});
