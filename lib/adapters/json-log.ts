import type { Log } from '../runs/ports.ts';

type Level = 'info' | 'warn' | 'error';

/** One JSON line an event on stdout, `undefined` fields left out. What it is handed never holds prompts or outputs. */
export const makeJsonLog = (
  base: Record<string, unknown> = {},
  write = (line: string) => console.log(line),
): Log => {
  const at = (level: Level) => (event: string, fields: Record<string, unknown>) =>
    write(JSON.stringify({ time: new Date().toISOString(), level, event, ...base, ...fields }));
  return { info: at('info'), warn: at('warn'), error: at('error') };
};
