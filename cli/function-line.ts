const HIDDEN = new Set(['metrics.continued', 'environment.started']);
const LEFT_OUT = new Set(['time', 'level', 'event', 'function', 'request_id', 'trace_id', 'trace_ids']);

/**
 * A line that a function printed on the local stack (`{name}: {json}`) as a person reads it: when, where, what, about
 * what; without metrics, traces and requests. Undefined for lines that hold nothing but these; any other line as it is.
 */
export const functionLine = (line: string): string | undefined => {
  const logged = parse(line);
  if (!logged) return line;
  const { time, level, event, function: name } = logged;
  if (HIDDEN.has(String(event))) return undefined;
  const fields = Object.entries(logged)
    .filter(([key]) => !LEFT_OUT.has(key) && !key.startsWith('_') && !key.includes('.'))
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  const mark = level === 'info' ? [] : [String(level).toUpperCase()];
  return [String(time).slice(11, 19), name, event, ...mark, ...fields].join('  ');
};

const parse = (line: string): Record<string, unknown> | undefined => {
  const start = line.indexOf(': {');
  if (start < 0) return undefined;
  try {
    const value = JSON.parse(line.slice(start + 2)) as Record<string, unknown>;
    return typeof value.event === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
};
