import { isObject, parseObject } from '../../local/json.ts';
import { visible } from '../../local/visible.ts';
import { printableLine } from '../terminal/printable.ts';

const HIDDEN_EVENTS = new Set(['metrics.continued', 'environment.started']);
const OMITTED_FIELDS = new Set(['time', 'level', 'event', 'function', 'request_id', 'trace_id', 'trace_ids']);

/**
 * Formats a log line of a local function (`{name}: {json}`) for a person: time, function, event, fields. It leaves out
 * metrics, traces and request ids, and escapes control characters. Undefined for lines of nothing else; other formats
 * are returned unchanged.
 */
export const formatLogLine = (line: string): string | undefined => {
  const logged = parse(line);
  if (!logged) return line;
  const { time, level, event, function: name } = logged;
  if (HIDDEN_EVENTS.has(String(event))) return undefined;
  const fields = Object.entries(logged)
    .filter(([key]) => !OMITTED_FIELDS.has(key) && !key.startsWith('_') && !key.includes('.'))
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  const mark = level === 'info' ? [] : [String(level).toUpperCase()];
  return visible([String(time).slice(11, 19), name, event, ...mark, ...fields].join('  '));
};

const parse = (line: string): Record<string, unknown> | undefined => {
  const start = line.indexOf(': {');
  const value = start < 0 ? undefined : parseObject(line.slice(start + 2));
  return typeof value?.event === 'string' ? value : undefined;
};

/** A warning or an error in one line. Lines of the same `kind` differ only in ids and numbers. */
export type Warning = { kind: string; text: string; isError: boolean };

/** Frames of a stack trace, the rest of a printed error, and hints of Node's own. */
const CONTINUED = /^(\s|[{}\])]|\(Use `node|\(node:\d+\))|^$/;
const FUNCTION = /^everytoken-local-([\w-]+): /;

/** The warning in a line of the stack's log; `undefined` for any other line. */
export const warningOf = (line: string): Warning | undefined => {
  const logged = parse(line);
  if (!logged) {
    const text = line.replace(FUNCTION, '');
    if (CONTINUED.test(text)) return undefined;
    const source = FUNCTION.exec(line)?.[1];
    return warning(source === undefined ? text : `${source}: ${text}`, !line.startsWith('disk: there'));
  }
  if (logged.level !== 'warn' && logged.level !== 'error') return undefined;
  const { function: name, event, code, error, remedy } = logged;
  const reasons = [code, error, remedy].flatMap((reason) => (reason === undefined ? [] : [reasonOf(reason)]));
  return warning(`${name}: ${event}: ${reasons.join(': ')}`.replace(/: $/, ''), logged.level === 'error');
};

const LONGEST = 300;

const warning = (text: string, isError: boolean): Warning => {
  const shown = printableLine(text);
  const short = shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
  return { text: short, isError, kind: short.replace(/\b\w+_[0-9a-z]{20,}\b|[0-9a-f-]{16,}|\d+/g, '#') };
};

/** The first line of an error's description: those below are frames of its stack. */
const reasonOf = (reason: unknown): string => {
  const text = isObject(reason) ? JSON.stringify(reason) : String(reason);
  return text.split('\n', 1)[0] ?? '';
};

const FIRST_WINDOW_MS = 10_000;
const LONGEST_WINDOW_MS = 300_000;

/**
 * Counts repeated warnings: the first one of a kind is shown at once, and later ones as a number when a while is over,
 * ten seconds at first and then twice as long each time. A kind that was quiet for so long begins anew.
 */
export const makeRepeats = () => {
  const kinds = new Map<string, Warning & { again: number; windowMs: number; endsAtMs: number }>();
  return {
    /** Whether this warning is to be shown now. */
    isNew: (found: Warning, nowMs: number): boolean => {
      const known = kinds.get(found.kind);
      if (known) known.again += 1;
      else
        kinds.set(found.kind, {
          ...found,
          again: 0,
          windowMs: FIRST_WINDOW_MS,
          endsAtMs: nowMs + FIRST_WINDOW_MS,
        });
      return known === undefined;
    },
    /** The counts that are due; all of them at the end. */
    due: (nowMs: number): (Warning & { again: number })[] => {
      const due: (Warning & { again: number })[] = [];
      for (const [kind, known] of kinds) {
        if (nowMs < known.endsAtMs) continue;
        if (known.again === 0) kinds.delete(kind);
        else due.push({ ...known });
        known.again = 0;
        known.windowMs = Math.min(LONGEST_WINDOW_MS, known.windowMs * 2);
        known.endsAtMs = nowMs + known.windowMs;
      }
      return due;
    },
  };
};
