import { differ } from '../../lib/diversity/differ.ts';
import type { DiversityFigures, EmbeddingDiversity } from '../../lib/diversity/figures.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { withInterval } from './formats.ts';
import { printableLine } from './layout.ts';

/** Two labels' embedding diversities with their intervals, and which one is higher, if that is more than noise. */
export const diversityText = (
  { diversity }: Pick<RunView, 'diversity'>,
  labels: readonly [string, string],
): string => {
  const [a, b] = labels.map((label) => embeddedOf(diversity?.by_label[label]));
  if (!a || !b) return 'not known';
  const figures = [a, b].map(({ embedding_diversity, interval }) =>
    withInterval(embedding_diversity, interval),
  );
  return `${figures.join(' and ')}, ${verdict(a, b, labels)}`;
};

const verdict = (
  a: EmbeddingDiversity,
  b: EmbeddingDiversity,
  [first, second]: readonly [string, string],
): string => {
  if (!differ(a, b)) return 'no clear difference';
  const higher = (a.embedding_diversity ?? 0) > (b.embedding_diversity ?? 0) ? first : second;
  return `${printableLine(higher)} is more diverse`;
};

const embeddedOf = (figures: DiversityFigures | undefined): EmbeddingDiversity | undefined =>
  figures && {
    n: figures.n,
    embedding_diversity: figures.embedding_diversity,
    interval: figures.embedding_diversity_interval,
    vendi: figures.vendi,
  };
