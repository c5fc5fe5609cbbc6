import type { RunRequest } from '../../client/index.ts';
import { isObject } from '../../lib/json/value.ts';
import { closest } from '../closest.ts';
import { CommandError } from '../command.ts';

type Check = NonNullable<RunRequest['checks']>[number];

const length =
  (type: 'min_length' | 'max_length') =>
  (text: string): Check => {
    if (!/^\d+$/.test(text)) throw new CommandError(`${type} takes a number of characters, not '${text}'`);
    return { type, value: Number(text) };
  };

const TYPES: ReadonlyMap<string, (text: string) => Check> = new Map(
  Object.entries({
    contains: (value) => ({ type: 'contains', value }),
    regex: (pattern) => ({ type: 'regex', pattern }),
    min_length: length('min_length'),
    max_length: length('max_length'),
    json_schema: (text) => ({ type: 'json_schema', schema: schemaIn(text) }),
  } satisfies { [Type in Check['type']]: (text: string) => Check }),
);

/**
 * Parses `contains: text`, `regex: pattern`, `min_length: 10`, `max_length: 200` or `json_schema: {…}`.
 *
 * @throws {CommandError} for an unknown type, or a value that it does not take
 */
export const parseCheck = (text: string): Check => {
  const [, type = text, value = ''] = /^\s*([^:]*?)\s*:\s*([\s\S]*)$/.exec(text) ?? [];
  const make = TYPES.get(type);
  const types = [...TYPES.keys()];
  if (make === undefined) {
    const meant = closest(type, types);
    throw new CommandError(
      `there is no check '${type}'; ${meant === undefined ? `checks are ${types.join(', ')}` : `did you mean ${meant}?`}`,
    );
  }
  if (value === '') throw new CommandError(`${type} takes a value, as in 'contains: vector'`);
  return make(value);
};

const schemaIn = (text: string): Record<string, unknown> => {
  try {
    const schema: unknown = JSON.parse(text);
    if (isObject(schema)) return schema;
  } catch {
    // It is refused below.
  }
  throw new CommandError('json_schema takes a schema in JSON, such as {"type": "object"}');
};
