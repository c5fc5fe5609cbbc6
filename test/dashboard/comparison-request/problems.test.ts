import { expect, test } from 'vitest';
import { type Draft, EMPTY, requestOf } from '../../../dashboard/comparison-request/draft.ts';
import { beyondLimits, missingIn, placed, sizeOf } from '../../../dashboard/comparison-request/problems.ts';

const requestOfDraft = (changes: Partial<Draft>) => requestOf({ ...EMPTY, ...changes }).request;

test('the size of a comparison is prompts x settings x samples', () => {
  const request = requestOfDraft({ prompts: [{ text: 'a' }, { text: 'b' }], samples: '5' });
  expect(sizeOf(request)).toEqual({ blocks: 10, generations: 20 });
  expect(sizeOf(requestOfDraft({ samples: '' }))).toEqual({ blocks: 1, generations: 2 });
  expect(sizeOf(requestOfDraft({ samples: 'many' }))).toBeUndefined();
});

test('each limit of the API is told before anything is sent, at the field that exceeds it', () => {
  const prompts = (n: number) => Array.from({ length: n }, (_, at) => ({ text: `${at}` }));
  const pathsOf = (changes: Partial<Draft>) => beyondLimits(requestOfDraft(changes)).map(({ path }) => path);
  expect(pathsOf({})).toEqual([]);
  expect(pathsOf({ prompts: prompts(51), samples: '1' })).toEqual(['prompts']);
  expect(pathsOf({ samples: '65' })).toEqual(['samples']);
  // 249 blocks and one warm-up are the most.
  expect(pathsOf({ prompts: prompts(3), samples: '64' })).toEqual([]);
  expect(pathsOf({ prompts: prompts(4), samples: '64' })).toEqual(['samples']);
  const sixteen = [{ field: 'seed' as const, values: Array.from({ length: 16 }, (_, at) => at).join() }];
  expect(pathsOf({ dimensions: sixteen, prompts: prompts(2), samples: '62' })).toEqual([]);
  expect(pathsOf({ dimensions: sixteen, prompts: prompts(2), samples: '63' })).toEqual(['samples']);
  const rows = Array.from({ length: 17 }, (_, at) => ({ label: `${at}`, fields: {}, other: '' }));
  expect(pathsOf({ by: 'rows', rows, samples: '1' })).toEqual(['settings']);
});

test('more combinations than a comparison takes are told at the settings', () => {
  const { problems } = requestOf({
    ...EMPTY,
    dimensions: [
      { field: 'seed', values: '1,2,3,4,5' },
      { field: 'top_k', values: '1,2,3,4,5' },
    ],
  });
  expect(problems).toEqual([{ path: 'settings', message: expect.stringMatching(/^25 combinations/) }]);
});

test('names the fields that are still to be written', () => {
  const draft: Draft = { ...EMPTY, by: 'rows', rows: [{ label: ' ', fields: {}, other: '' }] };
  expect(missingIn(draft, requestOf(draft).request).map(({ path }) => path)).toEqual([
    'prompts.0',
    'settings.0.label',
  ]);
  const none: Draft = { ...EMPTY, dimensions: [], prompts: [{ text: 'x' }] };
  expect(missingIn(none, requestOf(none).request).map(({ path }) => path)).toEqual(['settings']);
});

test("the API's problems stand at the controls that they are about", () => {
  const problem = (path: string) => ({ path, message: path });
  const rows: Draft = {
    ...EMPTY,
    by: 'rows',
    rows: [{ label: 'A', fields: {}, other: '' }],
    checks: [{ type: 'regex', text: '(' }],
  };
  const paths = [
    'prompts.0.messages.1.content',
    'settings.0.top_p',
    'settings.0.stop',
    'checks.0.pattern',
    'metadata.k',
    'index',
  ];
  expect([...placed(paths.map(problem), rows).keys()]).toEqual([
    'prompts.0',
    'settings.0.top_p',
    'settings.0.other',
    'checks.0',
    'metadata',
    '',
  ]);
  const matrix = placed(
    [problem('settings.0.temperature'), problem('settings.1.temperature'), problem('settings.1.label')],
    EMPTY,
  );
  expect([...matrix]).toEqual([
    ['dimension.temperature', 'settings.0.temperature; settings.1.temperature'],
    ['settings', 'settings.1.label'],
  ]);
});
