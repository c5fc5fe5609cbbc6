import { UsageError } from '../command.ts';
import { printableLine } from '../terminal/printable.ts';

const KINDS = ['run', 'file', 'comparison', 'export'] as const;
export type Kind = (typeof KINDS)[number];

const PREFIXES: ReadonlyMap<string, Kind> = new Map([
  ['run_', 'run'],
  ['file_', 'file'],
  ['cmp_', 'comparison'],
  ['export_', 'export'],
]);

/**
 * The kind of thing that an id names, by its prefix.
 *
 * @throws {UsageError} for another prefix, and for a kind that is not among `taken`
 */
export const kindOfId = (id: string, taken: readonly Kind[] = KINDS): Kind => {
  const [, kind] = [...PREFIXES].find(([prefix]) => id.startsWith(prefix)) ?? [];
  if (kind !== undefined && taken.includes(kind)) return kind;
  const prefixes = [...PREFIXES].filter(([, each]) => taken.includes(each)).map(([prefix]) => `${prefix}…`);
  throw new UsageError(
    `'${printableLine(id)}' is no id that this command takes: they begin with ${prefixes.join(', ')}`,
  );
};
