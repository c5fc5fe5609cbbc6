import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { isObject } from '../../lib/json/value.ts';

type Node = Record<string, unknown> & { type: string };

/** The text of an error message and the file that contains it. `{name}` stands for an interpolated value. */
export type Message = { file: string; text: string };

/** `unread`: files with a message that is not a literal, once for each such place. */
type Messages = { messages: Message[]; unread: string[] };

/**
 * Collects the messages of errors from the sources below `lib`, without running them:
 * - the message of each `new …Error(…)`, and of `super(…)` in a class of errors;
 * - each property `message` of an object: issues of input, errors of generations;
 * - the details given to `makeProblem`;
 * - arguments for a parameter named `message`, of functions of the same file or exported by another;
 * - texts given to Zod's checks.
 * Constants of the same file, conditions and `??` are followed. Tables of messages, shorthand properties, results of
 * functions and messages of other systems are not, so the list is not complete.
 */
export const collectMessages = (root: string): Messages => {
  const sources = globSync('lib/**/*.ts', { cwd: root })
    .sort()
    .map((file) => {
      const module: unknown = parseSync(readFileSync(join(root, file), 'utf8'), { syntax: 'typescript' });
      return { file, nodes: nodesIn(module) };
    });
  const everywhere = new Map(
    sources.flatMap(({ nodes }) => nodes.filter(isExport).flatMap(messageParameter)),
  );
  const messages = new Map<string, Message>();
  const unread: string[] = [];
  for (const { file, nodes } of sources) {
    const constants = new Map(nodes.flatMap(constant));
    const parameters = new Map([...everywhere, ...nodes.flatMap(messageParameter)]);
    const usesZod = nodes.some((node) => node.type === 'ImportDeclaration' && textOf(node.source) === 'zod');
    for (const place of nodes.flatMap((node) => placesIn(node, parameters, usesZod))) {
      const texts = textsOf(place, constants);
      if (texts.length === 0) unread.push(file);
      for (const text of texts) messages.set(`${file} ${text}`, { file, text });
    }
  }
  return { messages: [...messages.values()], unread };
};

const isNode = (value: unknown): value is Node => isObject(value) && typeof value.type === 'string';

const nodesIn = (value: unknown): Node[] => {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (!isObject(value)) return [];
  const inner = Object.values(value).flatMap(nodesIn);
  return isNode(value) ? [value, ...inner] : inner;
};

const textOf = (node: unknown): unknown => (isNode(node) ? node.value : undefined);

/** The last name of an expression: `refuse`, `read.refuse`, `${error.code}` (`code`). */
const nameOf = (node: unknown): string => {
  if (!isNode(node)) return '';
  if (node.type === 'MemberExpression') return nameOf(node.property);
  if (node.type === 'CallExpression') return nameOf(node.callee);
  return typeof node.value === 'string' ? node.value : '';
};

const isExport = ({ type }: Node): boolean => type === 'ExportDeclaration';

const declared = (node: Node): { name: string; init: Node }[] => {
  const variables = node.type === 'ExportDeclaration' && isNode(node.declaration) ? node.declaration : node;
  if (variables.type !== 'VariableDeclaration' || !Array.isArray(variables.declarations)) return [];
  return variables.declarations.flatMap((each: unknown) =>
    isNode(each) && isNode(each.init) ? [{ name: nameOf(each.id), init: each.init }] : [],
  );
};

const constant = (node: Node): [string, Node][] => declared(node).map(({ name, init }) => [name, init]);

/** The place of a function's parameter `message`, by the function's name. */
const messageParameter = (node: Node): [string, number][] =>
  declared(node).flatMap(({ name, init }): [string, number][] => {
    if (init.type !== 'ArrowFunctionExpression' || !Array.isArray(init.params)) return [];
    const at = init.params.findIndex((parameter) => nameOf(parameter) === 'message');
    return at < 0 ? [] : [[name, at]];
  });

const argumentAt = (node: Node, at: number): unknown[] => {
  const given: unknown = Array.isArray(node.arguments) ? node.arguments.at(at) : undefined;
  return isObject(given) ? [given.expression] : [];
};

/** The expressions in a node that become a message. */
const placesIn = (node: Node, parameters: Map<string, number>, usesZod: boolean): unknown[] => {
  switch (node.type) {
    case 'NewExpression':
      return /Error$/.test(nameOf(node.callee)) ? ofError(node, nameOf(node.callee)) : [];
    case 'ClassDeclaration':
      return nodesIn(node.body)
        .filter(({ type, callee }) => type === 'CallExpression' && isNode(callee) && callee.type === 'Super')
        .flatMap((call) => ofError(call, nameOf(node.superClass)));
    case 'KeyValueProperty':
      return nameOf(node.key) === 'message' ? [node.value] : [];
    case 'CallExpression': {
      const name = nameOf(node.callee);
      if (name === 'makeProblem') return argumentAt(node, 1);
      const at = parameters.get(name);
      if (at !== undefined) return argumentAt(node, at);
      const [last] = argumentAt(node, -1);
      const isCheck = usesZod && isNode(node.callee) && node.callee.type === 'MemberExpression';
      return isCheck && name !== 'describe' && textsOf(last, new Map()).some((text) => /\w \w/.test(text))
        ? [last]
        : [];
    }
    default:
      return [];
  }
};

/** `UpstreamError` names its service first; issues of an `InvalidInputError` are found by their own `message`. */
const ofError = (node: Node, name: string): unknown[] =>
  name === 'InvalidInputError' ? [] : argumentAt(node, name === 'UpstreamError' ? 1 : 0);

const textsOf = (node: unknown, constants: Map<string, Node>): string[] => {
  if (!isNode(node)) return [];
  switch (node.type) {
    case 'StringLiteral':
      return typeof node.value === 'string' ? [node.value] : [];
    case 'TemplateLiteral':
      return [filledIn(node)];
    case 'ParenthesisExpression':
      return textsOf(node.expression, constants);
    case 'ConditionalExpression':
      return [...textsOf(node.consequent, constants), ...textsOf(node.alternate, constants)];
    case 'BinaryExpression':
      return node.operator === '??'
        ? [node.left, node.right].flatMap((side) => textsOf(side, constants))
        : [];
    case 'Identifier': {
      const value = constants.get(nameOf(node));
      return value === undefined || value === node ? [] : textsOf(value, new Map());
    }
    default:
      return [];
  }
};

const filledIn = ({ quasis, expressions }: Node): string => {
  const parts: unknown[] = Array.isArray(quasis) ? quasis : [];
  const values: unknown[] = Array.isArray(expressions) ? expressions : [];
  return parts
    .map((part, at) => {
      const value = at < values.length ? `{${nameOf(values[at]) || '…'}}` : '';
      return `${isObject(part) ? part.cooked : ''}${value}`;
    })
    .join('');
};
