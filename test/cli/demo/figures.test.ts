import { expect, test } from 'vitest';
import { figuresTable, topKOf } from '../../../cli/demo/figures.ts';
import type { Generation } from '../../../lib/runs/generation.ts';
import { makeGeneration } from '../../factories/generation.ts';

const sampling = (requested: object, sent: object, effective: object) =>
  ({ requested, sent, effective, warnings: [] }) as Generation['sampling'];

const timing = {
  ...makeGeneration().timing,
  ttft_ms: 142.25,
  tpot_ms: 11.1,
  e2e_ms: 986,
  seconds_per_token: 0.01281,
};

const generations = [
  makeGeneration({
    label: 'Top-k 40',
    timing: timing as Generation['timing'],
    usage: { prompt_tokens: 9, completion_tokens: 77, reasoning_tokens: 0, cached_tokens: 0 },
    cost_usd: 0.0000392,
    sampling: sampling({ top_k: 40 }, { top_k: 40 }, { top_k: 40 }),
  }),
  makeGeneration({
    label: 'Top-p\x1b[31m 0.9',
    timing: null,
    usage: { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null },
    cost_usd: null,
  }),
];

test('the figures are those of the API, and unknown ones are dashes', () => {
  expect(figuresTable(generations, 100)).toEqual([
    '           tokens  first token  per token   total  s/token*       cost  top-k',
    'Top-k 40       77       142 ms    11.1 ms  0.99 s    0.0128  $0.000039  applied by the server',
    'Top-p 0.9       —            —          —       —         —          —  not asked for',
  ]);
});

test('where the table is too wide, what became of top-k stands below it', () => {
  expect(figuresTable(generations, 80)).toEqual([
    '           tokens  first token  per token   total  s/token*       cost',
    'Top-k 40       77       142 ms    11.1 ms  0.99 s    0.0128  $0.000039',
    'Top-p 0.9       —            —          —       —         —          —',
    'Top-k 40: top-k applied by the server · Top-p 0.9: top-k not asked for',
  ]);
});

test.each([
  ['not asked for', {}, {}, {}],
  ['not asked for', { top_k: null }, {}, {}],
  ['applied by the server', { top_k: 40 }, { top_k: 40 }, { top_k: 40 }],
  ['not applied by this server', { top_k: 40 }, {}, { top_k: null }],
  ['sent, not known to be applied', { top_k: 40 }, { top_k: 40 }, { top_k: null }],
])('top-k is %s for %j, sent %j', (text, requested, sent, effective) => {
  expect(topKOf(sampling(requested, sent, effective))).toBe(text);
});
