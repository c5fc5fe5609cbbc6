import type { Log } from '../../observe/log.ts';
import type { Measurement } from '../../observe/metrics.ts';
import { emfDocuments } from './emf.ts';

type Level = 'info' | 'warn' | 'error';
type Fields = Record<string, unknown>;

type JsonLogOptions = {
  /** CloudWatch namespace of the measurements. */
  namespace?: string;
  now?: () => number;
};

/** Fields that a `metrics.continued` line repeats from the line that it continues. */
const IDS = ['run_id', 'run_ids', 'trace_id', 'trace_ids', 'xray_trace_id', 'file_id', 'file_ids'];

/**
 * A log that writes each event to stdout as one JSON line, without its `undefined` fields. Callers must never pass
 * prompts or outputs. Measurements go into the same line in CloudWatch's Embedded Metric Format; those that do not fit
 * follow in `metrics.continued` lines. Every line includes `base`; a function is called anew for each line.
 * Does not use `console.log`, because Lambda's runtime replaces it and adds a prefix to each line.
 */
export const makeJsonLog = (
  base: Fields | (() => Fields) = {},
  write = (line: string): void => void process.stdout.write(`${line}\n`),
  { namespace = 'everytoken', now = Date.now }: JsonLogOptions = {},
): Log => {
  const at =
    (level: Level) =>
    (event: string, fields: Fields, measurements: readonly Measurement[] = []) => {
      const timestamp = now();
      const common = typeof base === 'function' ? base() : base;
      const line = (name: string, ...parts: Fields[]) =>
        write(
          JSON.stringify(
            Object.assign({ time: new Date(timestamp).toISOString(), level, event: name }, common, ...parts),
          ),
        );
      const [first = {}, ...others] = emfDocuments(measurements, { namespace, timestamp });
      line(event, fields, first);
      const ids = Object.fromEntries(Object.entries(fields).filter(([name]) => IDS.includes(name)));
      for (const document of others) line('metrics.continued', { of: event }, ids, document);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
};
