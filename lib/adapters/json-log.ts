import type { Log } from '../runs/ports.ts';

type Level = 'info' | 'warn' | 'error';

/**
 * One JSON line an event on stdout, `undefined` fields left out. What it is handed never holds prompts or outputs.
 * Not by console.log: AWS's runtime replaces that, and puts words of its own around each line.
 */
export const makeJsonLog = (
  base: Record<string, unknown> = {},
  write = (line: string): void => void process.stdout.write(`${line}\n`),
): Log => {
  const at = (level: Level) => (event: string, fields: Record<string, unknown>) =>
    write(JSON.stringify({ time: new Date().toISOString(), level, event, ...base, ...fields }));
  return { info: at('info'), warn: at('warn'), error: at('error') };
};
