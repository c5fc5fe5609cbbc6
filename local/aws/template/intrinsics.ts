import { isObject, own } from '../../json.ts';

/** A packaged CloudFormation template. Only its resources matter here. */
export type Template = {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
};

/** The values of a template's references. `undefined` is an unknown reference, which makes the resolver throw. */
export type References = {
  ref: (logicalId: string) => string | undefined;
  attribute: (logicalId: string, name: string) => string | undefined;
};

/** Replaces `Ref`, `Fn::GetAtt`, `Fn::Join` and `Fn::Sub` in a value; `where` names the place in errors. */
export type Resolve = (value: unknown, where: string) => unknown;

/**
 * Makes a resolver over the given references.
 * The resolver throws an error that names the place and the function or reference that it cannot resolve.
 *
 * @example
 * const resolve = makeResolver({ ref: () => 'runs', attribute: () => undefined });
 * resolve({ 'Fn::Sub': 'table/${Table}' }, 'AWS::SQS::Queue (Q)'); // 'table/runs'
 */
export const makeResolver = ({ ref, attribute }: References): Resolve => {
  const known = (found: string | undefined, what: string, where: string): string => {
    if (found === undefined) throw new Error(`${where}: the local stack cannot resolve ${what}`);
    return found;
  };

  const getAtt = (argument: unknown, where: string): string => {
    const [id, ...rest] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    const name = rest.join('.');
    return known(attribute(id ?? '', name), `Fn::GetAtt ${id}.${name}`, where);
  };

  const sub = (argument: unknown, where: string): string => {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const given = isObject(variables) ? variables : {};
    return String(text).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(given, name)) return String(resolve(own(given, name), where));
      return name.includes('.') ? getAtt(name, where) : known(ref(name), `\${${name}}`, where);
    });
  };

  const join = (argument: unknown, where: string): string => {
    const [separator, parts] = Array.isArray(argument) ? argument : [];
    const list = resolve(parts, where);
    if (typeof separator !== 'string' || !Array.isArray(list))
      throw new Error(`${where}: malformed Fn::Join`);
    return list.map(String).join(separator);
  };

  const resolve: Resolve = (value, where) => {
    if (Array.isArray(value)) return value.map((item) => resolve(item, where));
    if (!isObject(value)) return value;
    const [name, ...others] = Object.keys(value);
    if (name !== undefined && others.length === 0) {
      const argument = own(value, name);
      if (name === 'Ref') return known(ref(String(argument)), `Ref ${argument}`, where);
      if (name === 'Fn::GetAtt') return getAtt(argument, where);
      if (name === 'Fn::Join') return join(argument, where);
      if (name === 'Fn::Sub') return sub(argument, where);
      if (name.startsWith('Fn::') || name === 'Condition') {
        throw new Error(`${where}: the local stack does not interpret ${name}`);
      }
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, where)]));
  };
  return resolve;
};
