import { expect, test } from 'vitest';
import { diversityText } from '../../../cli/demo/diversity-text.ts';
import type { DiversityFigures } from '../../../lib/diversity/figures.ts';
import type { DiversityView } from '../../../lib/runs/view.ts';

const figures = (embedding_diversity: number | null, interval: [number, number] | null) =>
  ({ n: 8, embedding_diversity, embedding_diversity_interval: interval, vendi: null }) as DiversityFigures;
const run = (a: DiversityFigures, b: DiversityFigures) => ({
  diversity: { by_label: { 'Top-k 40': a, 'Top-p 0.9': b } } as unknown as DiversityView,
});
const labels = ['Top-k 40', 'Top-p 0.9'] as const;

test('within the noise there is no clear difference', () => {
  expect(diversityText(run(figures(0.41, [0.36, 0.46]), figures(0.38, [0.33, 0.43])), labels)).toBe(
    '0.41 ± .05 and 0.38 ± .05, no clear difference',
  );
});

test('beyond it the more diverse label is named, whichever it is', () => {
  const [low, high] = [figures(0.2, [0.18, 0.22]), figures(0.41, [0.38, 0.44])];
  expect(diversityText(run(low, high), labels)).toBe('0.20 ± .02 and 0.41 ± .03, Top-p 0.9 is more diverse');
  expect(diversityText(run(high, low), labels)).toBe('0.41 ± .03 and 0.20 ± .02, Top-k 40 is more diverse');
});

test('what is not known makes no claim', () => {
  expect(diversityText(run(figures(null, null), figures(0.41, [0.38, 0.44])), labels)).toBe(
    '— and 0.41 ± .03, no clear difference',
  );
  expect(diversityText({ diversity: null }, labels)).toBe('not known');
});
