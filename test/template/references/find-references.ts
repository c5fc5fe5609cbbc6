import { isObject } from '../../../lib/json/value.ts';
import { intrinsicIn } from '../template.ts';

/** A name that a value of a template refers to; `attribute` is set for Fn::GetAtt. */
export type Reference = { path: string; name: string; attribute?: string };

/** `${Name}` and `${Name.Attribute}` in a text for Fn::Sub; `${!Name}` is literal. */
const inText = (text: string, own: Record<string, unknown>, path: string): Reference[] =>
  [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].flatMap(([, whole = '']) => {
    const [name = '', ...attribute] = whole.trim().split('.');
    if (whole.trim() in own) return [];
    return attribute.length > 0 ? [{ path, name, attribute: attribute.join('.') }] : [{ path, name }];
  });

const ofIntrinsic = (name: string, argument: unknown, path: string): Reference[] => {
  if (name === 'Ref') return [{ path, name: String(argument) }];
  if (name === 'Fn::GetAtt') {
    const [id = '', ...attribute] = Array.isArray(argument) ? argument : String(argument).split('.');
    return [{ path, name: String(id), attribute: attribute.join('.') }];
  }
  if (name === 'Fn::Sub') {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const variables = isObject(own) ? own : {};
    return [...inText(String(text), variables, path), ...findReferences(variables, path)];
  }
  return findReferences(argument, path);
};

/** Every Ref, Fn::GetAtt and name in an Fn::Sub inside a value, policies and other documents included. */
export const findReferences = (value: unknown, path: string): Reference[] => {
  const intrinsic = intrinsicIn(value);
  if (intrinsic) return ofIntrinsic(...intrinsic, `${path}.${intrinsic[0]}`);
  if (Array.isArray(value)) return value.flatMap((item, index) => findReferences(item, `${path}[${index}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => findReferences(item, `${path}.${key}`));
};
