import { isObject } from '../../../lib/json/value.ts';
import { ofType, type Template } from '../template.ts';
import { limits } from './limits.ts';

type Found = { path: string; value: unknown };

/** All values at a path, where `*` is every entry of a list. */
const valuesAt = (value: unknown, [key, ...rest]: string[], path: string): Found[] => {
  if (key === undefined) return value === undefined ? [] : [{ path, value }];
  if (key === '*') {
    const items = Array.isArray(value) ? value : [];
    return items.flatMap((item, index) => valuesAt(item, rest, `${path}[${index}]`));
  }
  return isObject(value) ? valuesAt(value[key], rest, `${path}.${key}`) : [];
};

const sizeOf = (value: unknown): [size: number, unit: string] => {
  if (typeof value === 'number') return [value, ''];
  if (Array.isArray(value)) return [value.length, ' entries'];
  if (isObject(value)) return [Object.keys(value).length, ' entries'];
  const text = String(value);
  return /^\d+$/.test(text) ? [Number(text), ''] : [text.length, ' characters'];
};

/**
 * Checks the numbers, texts and lists of a template without references (see `asMade`) against AWS's limits. Returns a
 * sentence for each fault, which begins with its path.
 */
export const checkLimits = (template: Template): string[] =>
  limits.flatMap(({ type, path, least = 0, most }) =>
    ofType(template, type).flatMap(([id, properties]) =>
      valuesAt(properties, path.split('.'), `${id}.Properties`).flatMap((found) => {
        const [size, unit] = sizeOf(found.value);
        if (size >= least && size <= most) return [];
        return [`${found.path}: ${size}${unit} where AWS allows ${least} to ${most}`];
      }),
    ),
  );
