import { expect, test } from 'vitest';
import { listedOf } from '../../../../lib/runs/list/entry.ts';
import { listRuns } from '../../../../lib/runs/list/read.ts';
import { MAX_SORTED } from '../../../../lib/runs/list/sorted.ts';
import { makeFigures, makeTimedRun } from '../../../factories/run.ts';
import { makeMemoryRunList } from '../../../memory/run-list.ts';
import { makeMemoryRunStore } from '../../../memory/run-store.ts';

test('a sorted list of too many runs is refused, and can be read from the instant that the refusal names', async () => {
  const list = makeMemoryRunList();
  const deps = { list, runs: makeMemoryRunStore() };
  const ended = { caller: 'team', status: 'completed', generations: [makeFigures()] } as const;
  const own = { ...ended, generations: [...ended.generations] };
  const entry = { ...listedOf(makeTimedRun(own)), promptPreview: null, textPreview: null };
  const newest = Date.parse(entry.createdAt);
  for (let age = 0; age <= MAX_SORTED; age += 1)
    list.entries.set(`${age}`, { ...entry, createdAt: new Date(newest - age).toISOString() });
  const query = { caller: 'team', limit: 3, sort: { by: 'tokens', descending: true } } as const;
  const refusal = await listRuns(query, deps).catch((error: unknown) => String(error));
  expect(refusal).toContain('at most 10000 runs');
  const [, since = ''] = /since=(\S+) leaves its newest 10000/.exec(String(refusal)) ?? [];
  expect((await listRuns({ ...query, since }, deps)).runs).toHaveLength(3);
});
