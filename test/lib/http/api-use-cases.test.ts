import { expect, test } from 'vitest';
import { apiUseCases } from '../../../lib/http/api-use-cases.ts';
import { searchAnswerSchema } from '../../../lib/http/search/openapi.ts';
import { moveVectors } from '../../../lib/operate/move-vectors.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makeWorld } from '../../memory/world.ts';
import { makeService } from '../../reliability/service.ts';

test('a search says that outputs of an earlier version are not searched, until they are moved', async () => {
  const generateOne = makeGenerateOne(() => 'an answer about graphs');
  const world = makeWorld({ generateOne, namespacePrefix: 'dev:' });
  const service = makeService({ world });
  await service.ask('/runs', { body: { prompt: 'Explain graphs.' } });
  await service.untilQuiet();
  const query = { query: 'graphs', topK: 5, filter: {} };
  const search = async () => {
    const answer = await apiUseCases(world.deps).search(query, 'docs');
    expect(searchAnswerSchema.parse(answer)).toEqual(answer);
    return answer;
  };
  const now = world.namespace('docs');
  const earlier = world.earlierNamespace('docs');
  expect(Object.keys(await search())).toEqual(['data', 'matches', 'next_cursor']);

  // As an earlier version stored them.
  const records = await world.vectors.fetch(now, world.vectorIds()[now] ?? []);
  world.sharedVectors.namespaces.delete(now);
  await world.sharedVectors.upsert(earlier, records);
  expect(await search()).toEqual({
    data: [],
    matches: [],
    next_cursor: null,
    warnings: [expect.stringMatching(/are not searched; .*npx everytoken vectors move$/)],
  });

  for await (const _ of moveVectors({ ...world, from: world.earlierNamespace, to: world.namespace }));
  const { data, warnings } = await search();
  expect([data.map(({ text }) => text), warnings]).toEqual([['an answer about graphs'], undefined]);
});

test('a search does not wait for a list of vectors that hangs', async () => {
  const world = makeWorld({ namespacePrefix: 'dev:' });
  const hanging = {
    ids: async function* (): AsyncGenerator<string[]> {
      await new Promise(() => {});
    },
  };
  const { search } = apiUseCases({ ...world.deps, vectorList: hanging });
  expect(await search({ query: 'graphs', topK: 5, filter: {} }, 'docs')).toMatchObject({ data: [] });
});
