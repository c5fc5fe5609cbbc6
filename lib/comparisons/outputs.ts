import type { EmbeddingDiversity } from '../diversity/figures.ts';
import type { SamplingReport } from '../sampling/setting.ts';

/** By setting, then prompt. `vectors`: of each completed output that has one; `texts`: of each completed output. */
export type Grouped<T> = T[][][];

/** What needs the outputs themselves. `missingVectors`: outputs whose vectors were not found, null when none could be read. */
export type Outputs = {
  sampling: (SamplingReport | null)[];
  texts: Grouped<string> | null;
  isTooLong: boolean;
  diversities: EmbeddingDiversity[][];
  missingVectors: number | null;
};
