import { MIN_PAIRS } from './differences.ts';
import { ABSENCES, type Absence, type ComparedSetting, type VerdictFigure } from './view.ts';

/** A setting of which too few values are known: `have` of `total`, and how many lack by reason. */
export type Lack = { label: string; have: number; total: number; by: Record<Absence, number> };

/** Counts the values that a setting lacks in a figure of the verdict; null if enough of them are known. */
export const lackIn = (figure: VerdictFigure, setting: ComparedSetting): Lack | null => {
  const { label, n, failed, uncertain, cold, e2e_ms, cost_usd, pass_rate, diversity } = setting;
  const of = (have: number, by: Partial<Record<Absence, number>>): Lack | null => {
    const missing = { failed, cold: 0, uncertain: 0, ...by };
    const unknown = n - have - missing.cold - missing.uncertain;
    return have >= MIN_PAIRS ? null : { label, have, total: n + failed, by: { ...missing, unknown } };
  };
  if (figure === 'e2e_ms') return of(e2e_ms.n, { cold: cold.n, uncertain: uncertain.e2e_ms });
  if (figure === 'cost_usd') return of(n - cost_usd.unpriced, {});
  if (figure === 'pass_rate') return of(pass_rate?.n ?? 0, {});
  // Diversity is one value of many outputs.
  return (diversity?.embedding_diversity ?? null) === null ? of(0, {}) : null;
};

/** Counts by reason as they stand in brackets: 2 failed, 17 uncertain. */
export const reasonsOf = (by: Record<Absence, number>): string =>
  ABSENCES.filter((own) => by[own] > 0)
    .map((own) => `${by[own]} ${own === 'unknown' ? 'not known' : own}`)
    .join(', ');

/** The one reason that an answered setting's values lack by; null if some are known, or for several reasons. */
export const soleReason = ({ have, by }: Lack): Absence | null => {
  const reasons = ABSENCES.filter((own) => own !== 'failed' && by[own] > 0);
  return have === 0 && reasons.length === 1 ? (reasons[0] ?? null) : null;
};
