import type { Log } from '../../observe/log.ts';
import type { Measurement } from '../../observe/metrics.ts';
import { emfDocuments } from './emf.ts';

type Level = 'info' | 'warn' | 'error';
type Fields = Record<string, unknown>;

type JsonLogOptions = {
  /** Of CloudWatch, for what is measured. */
  namespace?: string;
  now?: () => number;
};

/** What a line of measurements alone repeats of the line that it goes on from. */
const IDS = ['run_id', 'run_ids', 'trace_id', 'trace_ids', 'xray_trace_id', 'file_id'];

/**
 * One JSON line an event on stdout, `undefined` fields left out. What it is handed never holds prompts or outputs.
 * Measurements stand in the same line, in CloudWatch's Embedded Metric Format; those that one line cannot hold follow
 * in lines `metrics.continued`. `base` is in every line; where it is a function, as it is then.
 * Not by console.log: AWS's runtime replaces that, and puts words of its own around each line.
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
