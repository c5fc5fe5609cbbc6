import { traceFields, xRayHeaderOf } from '../observe/trace-context.ts';
import { isRunId } from './keys.ts';
import type { Run } from './run.ts';

type Fields = Record<string, unknown>;

/** The ids in every log line about a run. */
export const aboutRun = ({ id, trace, file }: Pick<Run, 'id' | 'trace' | 'file'>): Fields => ({
  run_id: id,
  ...traceFields(trace),
  file_id: file?.fileId,
});

/** The ids in a log line about many runs. */
export const aboutRuns = (runs: readonly Pick<Run, 'id' | 'trace' | 'file'>[]): Fields => {
  const fileIds = new Set(runs.flatMap(({ file }) => file?.fileId ?? []));
  return {
    run_ids: runs.map(({ id }) => id),
    trace_ids: [...new Set(runs.flatMap(({ trace }) => (trace ? [trace.traceId] : [])))],
    file_ids: fileIds.size > 0 ? [...fileIds] : undefined,
  };
};

/** Send options that make X-Ray link the receiver of a run's message or event to the run's own trace. */
export const inTraceOf = ({ trace }: Pick<Run, 'trace'>): { traceHeader?: string } =>
  trace ? { traceHeader: xRayHeaderOf(trace) } : {};

/** Log ids from an item's partition key: `RUN#run_…`, `FILE#…` or `EXPORT#…`. */
export const aboutItem = (pk: string): Fields => {
  const [kind, id = ''] = pk.split('#', 2);
  const names = new Map([
    ['RUN', 'run_id'],
    ['FILE', 'file_id'],
    ['EXPORT', 'export_id'],
  ]);
  const name = names.get(kind ?? '');
  return name === undefined ? {} : { [name]: id };
};

/** The run id in a URL path of the API, if there is one. */
export const runIdInPath = (path: string): string | undefined => {
  const id = /\/runs\/([^/]+)/.exec(path)?.[1] ?? '';
  return isRunId(id) ? id : undefined;
};
