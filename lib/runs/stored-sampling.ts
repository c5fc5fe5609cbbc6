import { jsonBytes } from '../json/value.ts';
import type { SamplingReport } from '../sampling/setting.ts';

const RESTS = ['as_requested', 'null', 'absent'] as const;

type Fields = Record<string, unknown>;

/** Says of the requested fields in a part of a report what they are, unless they stand in `own` or `absent`. */
type Rest = (typeof RESTS)[number];
type StoredFields = { rest: Rest; own: Fields; absent: string[] };

/** A report without what the run's request says already, so that its outputs do not each repeat it. */
export type StoredSampling = { sent: StoredFields; effective: StoredFields; warnings: string[] };

/**
 * Stores a report as its differences from the requested fields. Undefined if it reports other requested fields, which
 * a stored report could not give back.
 */
export const storeSampling = (
  { requested, sent, effective, warnings }: SamplingReport,
  asked: Fields,
): StoredSampling | undefined =>
  JSON.stringify(requested) === JSON.stringify(asked)
    ? { sent: storeFields(sent, asked), effective: storeFields(effective, asked), warnings }
    : undefined;

/** Reverses `storeSampling`, given the same requested fields. */
export const restoreSampling = (
  { sent, effective, warnings }: StoredSampling,
  asked: Fields,
): SamplingReport => ({
  requested: asked,
  sent: restoreFields(sent, asked),
  effective: restoreFields(effective, asked),
  warnings,
});

/** Stores the fields by the rest that takes the fewest bytes. */
const storeFields = (fields: Fields, asked: Fields): StoredFields => {
  const found = new Map(Object.entries(fields));
  const kinds = new Map(Object.entries(asked).map(([name, value]) => [name, kindOf(found.get(name), value)]));
  const withRest = (rest: Rest): StoredFields => ({
    rest,
    own: Object.fromEntries([...found].filter(([name]) => kinds.get(name) !== rest)),
    absent: rest === 'absent' ? [] : [...kinds.keys()].filter((name) => kinds.get(name) === 'absent'),
  });
  return RESTS.map(withRest).reduce((best, next) => (jsonBytes(next) < jsonBytes(best) ? next : best));
};

/** How a field stands to the requested one; undefined: it has a value of its own. */
const kindOf = (value: unknown, asked: unknown): Rest | undefined => {
  if (value === undefined) return 'absent';
  if (JSON.stringify(value) === JSON.stringify(asked)) return 'as_requested';
  return value === null ? 'null' : undefined;
};

const restoreFields = ({ rest, own, absent }: StoredFields, asked: Fields): Fields => {
  const restored = new Map(
    rest === 'absent'
      ? []
      : Object.entries(asked).map(([name, value]) => [name, rest === 'null' ? null : value]),
  );
  for (const name of absent) restored.delete(name);
  for (const [name, value] of Object.entries(own)) restored.set(name, value);
  return Object.fromEntries(restored);
};
