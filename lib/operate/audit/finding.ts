export const FINDING_KINDS = [
  'no_due_time',
  'missing_object',
  'missing_result',
  'inconsistent_block',
  'sha256_mismatch',
  'missing_vectors',
  'duplicated_result',
  'orphaned_vectors',
  'orphaned_objects',
  'miscounted_budget',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * Something that is wrong with a run, a file or a caller's budget, by its id; `detail` never holds a text. `count` is how many objects,
 * vectors or lines it is about. `repair` is absent where only a person can help; it resolves to false when what was
 * found has changed since, and nothing was written.
 */
export type Finding = {
  kind: FindingKind;
  id: string;
  count: number;
  detail: string;
  repair?: () => Promise<boolean>;
};
