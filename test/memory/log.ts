import type { Log } from '../../lib/runs/ports.ts';

export type LogEntry = { level: 'info' | 'warn' | 'error'; event: string } & Record<string, unknown>;

/** Keeps what was logged. */
export const makeMemoryLog = (): Log & { entries: LogEntry[]; named: (event: string) => LogEntry[] } => {
  const entries: LogEntry[] = [];
  const at = (level: LogEntry['level']) => (event: string, fields: Record<string, unknown>) => {
    entries.push({ ...fields, level, event });
  };
  return {
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    entries,
    named: (event) => entries.filter((entry) => entry.event === event),
  };
};
