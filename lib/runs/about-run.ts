import { traceFields, xRayHeaderOf } from '../observe/trace-context.ts';
import { isRunId } from './keys.ts';
import type { Run } from './run.ts';

type Fields = Record<string, unknown>;

/** The ids that each log line about a run carries. */
export const aboutRun = ({ id, trace, file }: Pick<Run, 'id' | 'trace' | 'file'>): Fields => ({
  run_id: id,
  ...traceFields(trace),
  file_id: file?.fileId,
});

/** The same for a line about many runs. */
export const aboutRuns = (runs: readonly Pick<Run, 'id' | 'trace'>[]): Fields => ({
  run_ids: runs.map(({ id }) => id),
  trace_ids: [...new Set(runs.flatMap(({ trace }) => (trace ? [trace.traceId] : [])))],
});

/** How a message or an event about a run is sent, so that X-Ray links whoever handles it with the run's own trace. */
export const inTraceOf = ({ trace }: Pick<Run, 'trace'>): { traceHeader?: string } =>
  trace ? { traceHeader: xRayHeaderOf(trace) } : {};

/** The ids in an item's key: `RUN#run_…` or `FILE#…`. */
export const aboutItem = (pk: string): Fields => {
  const [kind, id = ''] = pk.split('#', 2);
  return kind === 'RUN' ? { run_id: id } : kind === 'FILE' ? { file_id: id } : {};
};

/** The run that an address of the API names. */
export const runIdInPath = (path: string): string | undefined => {
  const id = /\/runs\/([^/]+)/.exec(path)?.[1] ?? '';
  return isRunId(id) ? id : undefined;
};
