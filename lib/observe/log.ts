import type { Measurement } from './metrics.ts';

type LogLine = (
  event: string,
  fields: Record<string, unknown>,
  measurements?: readonly Measurement[],
) => void;

/** Events with their facts, which never hold a prompt or an output, and what was measured with them. */
export type Log = { info: LogLine; warn: LogLine; error: LogLine };
