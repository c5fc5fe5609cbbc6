import type { ValueType } from './specification.ts';

/** A value for a sentence, shortened when it is long. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/** A type for a sentence. */
export const nameOf = (type: ValueType): string => {
  switch (type.type) {
    case 'array':
      return `a list of ${nameOf(type.element)}`;
    case 'map':
      return `a map of ${nameOf(type.element)}`;
    case 'ref':
      return 'an object';
    case 'union':
      return type.types.map(nameOf).join(' or ');
    case 'tag':
      return 'a tag {Key, Value}';
    default:
      return type.type;
  }
};
