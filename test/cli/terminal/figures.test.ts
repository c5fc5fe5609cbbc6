import { expect, test } from 'vitest';
import { diversityText, figuresTable, topKOf } from '../../../cli/terminal/figures.ts';
import type { DiversityFigures } from '../../../lib/diversity/figures.ts';
import type { Generation } from '../../../lib/runs/generation.ts';
import type { DiversityView } from '../../../lib/runs/view.ts';
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

test('the table shows the figures of the API, with dashes for unknown ones', () => {
  expect(figuresTable(generations, 100)).toEqual([
    '           tokens  first token  per token   total  s/token*       cost  top-k',
    'Top-k 40       77       142 ms    11.1 ms  0.99 s    0.0128  $0.000039  applied by the server',
    'Top-p 0.9       —            —          —       —         —          —  not asked for',
  ]);
});

test('if the table is too wide, the effect of top-k goes below it', () => {
  expect(figuresTable(generations, 80)).toEqual([
    '           tokens  first token  per token   total  s/token*       cost',
    'Top-k 40       77       142 ms    11.1 ms  0.99 s    0.0128  $0.000039',
    'Top-p 0.9       —            —          —       —         —          —',
    'Top-k 40: top-k applied by the server · Top-p 0.9: top-k not asked for',
  ]);
});

test('on a narrow terminal the cost goes below the table, too', () => {
  expect(figuresTable(generations, 62)).toEqual([
    '           tokens  first token  per token   total  s/token*',
    'Top-k 40       77       142 ms    11.1 ms  0.99 s    0.0128',
    'Top-p 0.9       —            —          —       —         —',
    'Top-k 40: $0.000039, top-k applied by the server',
    'Top-p 0.9: top-k not asked for',
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

const figures = (embedding_diversity: number | null, interval: [number, number] | null) =>
  ({ n: 8, embedding_diversity, embedding_diversity_interval: interval, vendi: null }) as DiversityFigures;

const run = (a: DiversityFigures, b: DiversityFigures) => ({
  diversity: { by_label: { 'Top-k 40': a, 'Top-p 0.9': b } } as unknown as DiversityView,
});

const labels = ['Top-k 40', 'Top-p 0.9'] as const;

test('a difference within the noise is no clear difference', () => {
  expect(diversityText(run(figures(0.41, [0.36, 0.46]), figures(0.38, [0.33, 0.43])), labels)).toBe(
    '0.41 ± .05 and 0.38 ± .05, no clear difference',
  );
});

test('a difference beyond the noise names the more diverse label, in either order', () => {
  const [low, high] = [figures(0.2, [0.18, 0.22]), figures(0.41, [0.38, 0.44])];
  expect(diversityText(run(low, high), labels)).toBe('0.20 ± .02 and 0.41 ± .03, Top-p 0.9 is more diverse');
  expect(diversityText(run(high, low), labels)).toBe('0.41 ± .03 and 0.20 ± .02, Top-k 40 is more diverse');
});

test('unknown figures make no claim', () => {
  expect(diversityText(run(figures(null, null), figures(0.41, [0.38, 0.44])), labels)).toBe(
    '— and 0.41 ± .03, no clear difference',
  );
  expect(diversityText({ diversity: null }, labels)).toBe('not known');
});
