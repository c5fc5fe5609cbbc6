import type { RunQuery } from '../../../client/index.ts';

/** The runs that are exported, and how their rows look. */
export type Wanted = {
  query: RunQuery;
  /** Whole prompts and texts. */
  texts: boolean;
  /** Metadata keys that get a column each. */
  keys: string[];
  /** The most rows. */
  limit: number | undefined;
};
