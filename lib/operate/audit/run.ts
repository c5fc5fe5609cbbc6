import { NotFoundError } from '../../errors.ts';
import { sha256Hex } from '../../json/canonical-json.ts';
import { outputKey, requestKey, vectorIdsOfRun } from '../../runs/keys.ts';
import { isTextless } from '../../runs/not-stored.ts';
import { decodeText } from '../../runs/output-object.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { endedWithoutText, hasEnded, type Run } from '../../runs/run.ts';
import type { AuditDeps, Finding } from './ports.ts';

/** Findings about a run. A suspect run is read and checked again, because it may have changed since the scan. */
export const auditRun = async (scanned: Run, deps: AuditDeps): Promise<Finding[]> => {
  if ((await findingsOf(scanned, deps)).length === 0) return [];
  const current = await deps.runs.get(scanned.id);
  return current ? findingsOf(current, deps) : [];
};

const findingsOf = async (run: Run, deps: AuditDeps): Promise<Finding[]> => {
  const waiting = withoutDueTime(run, deps);
  if (run.status === 'deleted') return waiting;
  return [
    ...waiting,
    ...(await requestFindings(run, deps.content)),
    ...(await outputFindings(run, deps.content)),
    ...(await vectorFindings(run, deps)),
  ];
};

const withoutDueTime = (run: Run, { runs, clock, retentionDays }: AuditDeps): Finding[] => {
  if (run.dueAt !== null) return [];
  const isDone = hasEnded(run) && run.pending.length === 0;
  // The run ended while no retention was configured.
  const outlivesRetention = retentionDays !== undefined && run.status !== 'deleted';
  if (isDone && !outlivesRetention) return [];
  const repair = async () => {
    const condition = { status: [run.status], dueAt: null, pending: run.pending };
    return (await runs.change(run.id, { dueAt: clock.now(), dueTries: 0 }, condition)) !== undefined;
  };
  return [
    {
      kind: 'no_due_time',
      id: run.id,
      count: 1,
      detail: `is ${run.status} without a due time${isDone ? ' for the end of its retention' : ''}`,
      repair,
    },
  ];
};

const requestFindings = async (run: Run, content: ContentStore): Promise<Finding[]> => {
  const needed = [
    ...(run.request === null && !isTextless(run) ? [{ key: requestKey(run.id), detail: 'its request' }] : []),
    ...(run.template === null ? [] : [{ key: run.template, detail: 'the template of its request' }]),
  ];
  const findings: Finding[] = [];
  for (const { key, detail } of needed)
    if ((await objectOf(key, content)) === undefined)
      findings.push({ kind: 'missing_object', id: run.id, count: 1, detail });
  return findings;
};

const outputFindings = async (run: Run, content: ContentStore): Promise<Finding[]> => {
  const findings: Finding[] = [];
  for (const [index, { lease, sha256 }] of run.generations.entries()) {
    const object = await objectOf(outputKey(run.id, index, lease), content);
    if (object === undefined) {
      findings.push({ kind: 'missing_object', id: run.id, count: 1, detail: `output ${index}` });
    } else if (sha256 !== null && sha256OfText(object) !== sha256) {
      findings.push({ kind: 'sha256_mismatch', id: run.id, count: 1, detail: `output ${index}` });
    }
  }
  return findings;
};

const vectorFindings = async (run: Run, deps: AuditDeps): Promise<Finding[]> => {
  const ids = run.status === 'completed' ? vectorIdsOfRun(run) : [];
  if (deps.includesRefused && wasRefused(run)) {
    const detail = `its outputs were not indexed: ${run.error?.code}`;
    const count = vectorIdsOfRun(run).length;
    return [{ kind: 'missing_vectors', id: run.id, count, detail, repair: () => indexAgain(run, deps) }];
  }
  if (ids.length === 0) return [];
  const found = await deps.vectors.fetch(deps.namespace(run.caller), ids);
  const missing = ids.length - new Set(found.map(({ id }) => id)).size;
  if (missing === 0) return [];
  const detail = `${missing} of ${ids.length}`;
  return [
    { kind: 'missing_vectors', id: run.id, count: missing, detail, repair: () => indexAgain(run, deps) },
  ];
};

/** A failed run with texts: it was generated, and failed only when it was indexed. */
const wasRefused = (run: Run): boolean => run.status === 'failed' && !endedWithoutText(run);

/** The sweep sends RunGenerated, embed writes the same vector ids again, and RunCompleted has the same event id. */
const indexAgain = async (run: Run, { runs, clock }: AuditDeps): Promise<boolean> => {
  const again = await runs.change(
    run.id,
    {
      status: 'generated',
      error: null,
      embedAttempts: 0,
      pending: ['RunGenerated'],
      dueAt: clock.now(),
      // The sweep sends the event when it first meets the run.
      dueTries: 1,
    },
    { status: [run.status], dueAt: run.dueAt },
  );
  return again !== undefined;
};

export const objectOf = async (key: string, content: ContentStore): Promise<string | undefined> => {
  try {
    return await content.get(key);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

/** Undefined when the object cannot be decoded as an output. */
const sha256OfText = (object: string): string | undefined => {
  try {
    return sha256Hex(decodeText(object) ?? '');
  } catch {
    return undefined;
  }
};
