import type { Audit } from './audit.ts';
import type { Finding, FindingKind } from './finding.ts';

const WRONG: [name: string, kinds: FindingKind[]][] = [
  ['lost', ['no_due_time', 'missing_object', 'missing_result', 'inconsistent_block']],
  ['duplicated', ['duplicated_result']],
  ['missing vectors', ['missing_vectors']],
  ['orphaned vectors', ['orphaned_vectors']],
  ['orphaned objects', ['orphaned_objects']],
  ['mismatched', ['sha256_mismatch']],
  ['miscounted', ['miscounted_budget']],
];

/** How much of each kind of wrong there is, by the names of the report. */
export const wrongCounts = (findings: Finding[]): Record<string, number> =>
  Object.fromEntries(
    WRONG.map(([name, kinds]) => [
      name,
      findings.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { count }) => sum + count, 0),
    ]),
  );

/** The table of counts, then each finding by its id: never a text. */
export const reportLines = ({ accepted, files, byStatus, findings }: Audit): string[] => {
  const rows = Object.entries({ accepted, ...byStatus, files, ...wrongCounts(findings) });
  return [
    ...rows.map(([name, count]) => `${name.padEnd(17)}${String(count).padStart(9)}`),
    ...findings.map(({ kind, id, detail }) => `${kind} ${id}: ${detail}`),
  ];
};
