import type { Draft } from '../../comparison-request/draft.ts';

/** The draft, a way to change it, and the mistakes by control. */
export type FieldsProps = {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
  wrong: ReadonlyMap<string, string>;
};
