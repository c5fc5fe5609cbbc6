import { inBatches } from '../../async/in-batches.ts';
import type { Block, PromptFile } from '../../files/prompt-file.ts';
import type { Run, RunStatus } from '../../runs/run.ts';
import { auditBudgets } from './budgets.ts';
import { auditFile } from './file.ts';
import type { AuditDeps, Finding, FindingKind, RunScan } from './ports.ts';
import { auditRun } from './run.ts';
import { strayObjects, strayVectors } from './strays.ts';

type Audit = {
  accepted: number;
  files: number;
  byStatus: Record<RunStatus, number>;
  /** Vectors without a run and without a deployment's id. They may be another deployment's, so they stay. */
  unclaimed: number;
  /** Vectors in the namespaces of an earlier version, which search does not read. */
  earlier: number;
  findings: Finding[];
};

const AT_ONCE = 16;

/**
 * Compares DynamoDB, S3 and the vector index, and writes nothing. Safe to run while the system works, because a suspect
 * item is read again before it becomes a finding. Holds all runs, files and ids in memory.
 *
 * @example
 * const result = await audit(deps);
 * for (const line of reportLines(result)) console.log(line);
 */
export const audit = async (deps: AuditDeps): Promise<Audit> => {
  const { runs, files, blocks } = await readAll(deps.scan);
  const blocksOf = Map.groupBy(blocks, ({ fileId }) => fileId);
  const vectors = await strayVectors(runs, deps);
  const findings = [
    ...(await inBatches([...runs.values()], AT_ONCE, (run) => auditRun(run, deps))).flat(),
    ...(await inBatches(files, AT_ONCE, (file) => auditFile(file, blocksOf.get(file.id) ?? [], deps))).flat(),
    ...(await strayObjects(runs, deps)),
    ...vectors.findings,
    ...(await auditBudgets(runs, deps)),
  ];
  return {
    accepted: runs.size,
    files: files.length,
    byStatus: countByStatus(runs.values()),
    unclaimed: vectors.unclaimed,
    earlier: vectors.earlier,
    findings,
  };
};

/**
 * Repairs findings, one after another. `left` holds those that need a person, and those whose item has changed since.
 */
export const repairAll = async (findings: Finding[]): Promise<{ repaired: Finding[]; left: Finding[] }> => {
  const repaired: Finding[] = [];
  const left: Finding[] = [];
  for (const finding of findings) ((await finding.repair?.()) ? repaired : left).push(finding);
  return { repaired, left };
};

const readAll = async (scan: RunScan) => {
  const runs = new Map<string, Run>();
  const files: PromptFile[] = [];
  const blocks: Block[] = [];
  for await (const page of scan.pages()) {
    for (const run of page.runs) runs.set(run.id, run);
    files.push(...page.files);
    blocks.push(...page.blocks);
  }
  return { runs, files, blocks };
};

const countByStatus = (runs: Iterable<Run>): Record<RunStatus, number> => {
  const counts: Record<RunStatus, number> = {
    queued: 0,
    generating: 0,
    generated: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    deleted: 0,
  };
  for (const { status } of runs) counts[status] += 1;
  return counts;
};

const REPORT_ROWS: [name: string, kinds: FindingKind[]][] = [
  ['lost', ['no_due_time', 'missing_object', 'missing_result', 'inconsistent_block']],
  ['duplicated', ['duplicated_result']],
  ['missing vectors', ['missing_vectors']],
  ['orphaned vectors', ['orphaned_vectors']],
  ['orphaned objects', ['orphaned_objects']],
  ['mismatched', ['sha256_mismatch']],
  ['miscounted', ['miscounted_budget']],
];

/** Sums of the findings' counts, by the row names of the report. */
export const findingCounts = (findings: Finding[]): Record<string, number> =>
  Object.fromEntries(
    REPORT_ROWS.map(([name, kinds]) => [
      name,
      findings.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { count }) => sum + count, 0),
    ]),
  );

/** The lines of the report: the table of counts, then each finding with its id. Never contains a text. */
export const reportLines = ({ accepted, files, byStatus, findings, unclaimed, earlier }: Audit): string[] => {
  const rows = Object.entries({ accepted, ...byStatus, files, ...findingCounts(findings) });
  return [
    ...rows.map(([name, count]) => `${name.padEnd(17)}${String(count).padStart(9)}`),
    ...(unclaimed > 0
      ? [
          `${unclaimed} vectors have neither a run here nor a deployment's id: they may be another deployment's, and stay`,
        ]
      : []),
    ...(earlier > 0
      ? [
          `${earlier} vectors are in namespaces without PINECONE_NAMESPACE: npx everytoken vectors move moves those of this deployment`,
        ]
      : []),
    ...findings.map(({ kind, id, detail }) => `${kind} ${id}: ${detail}`),
  ];
};
