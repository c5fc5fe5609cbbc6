import { join, relative } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import { isBinaryExpression, isElementAccessExpression } from 'typescript/unstable/ast/is';
import { API, type Project, TypeFlags } from 'typescript/unstable/sync';

type Lookup = { node: Node; name: Node };

/** Types of names that may be anything: not a number, and not one of a few names that the code itself has. */
const FOREIGN = TypeFlags.String | TypeFlags.TemplateLiteral | TypeFlags.Any | TypeFlags.Unknown;

/**
 * Finds the places below `folders` that look up a name of any text in an object (`object[name]`, `name in object`),
 * where a name such as `constructor` or `__proto__` finds a member of every object. Such a place uses `own`, a `Map` or
 * `Object.hasOwn` instead. Lists and names from a fixed set are no such places. Needs the types of the project `config`.
 * Resolves to `file:line expression`.
 */
export const findForeignNames = (
  root: string,
  folders: readonly string[],
  config = 'tsconfig.json',
): string[] => {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProject: join(root, config) }).getProjects();
    if (!project) throw new Error(`${root} has no ${config}`);
    return project.program
      .getSourceFileNames()
      .filter((file) => folders.includes(relative(root, file).split('/')[0] ?? ''))
      .flatMap((file) => foreignIn(file, project).map((place) => `${relative(root, file)}:${place}`));
  } finally {
    api.close();
  }
};

const foreignIn = (file: string, { program, checker }: Project): string[] => {
  const source = program.getSourceFile(file);
  if (!source) return [];
  const lookups = lookupsIn(source);
  if (lookups.length === 0) return [];
  const types = checker.getTypeAtLocation(lookups.map(({ name }) => name));
  return lookups
    .filter((_, at) => ((types[at]?.flags ?? TypeFlags.Unknown) & FOREIGN) !== 0)
    .map(({ node }) => {
      const text = source.text.slice(node.pos, node.end).trimStart();
      return `${source.text.slice(0, node.end - text.length).split('\n').length} ${text}`;
    });
};

const lookupsIn = (node: Node): Lookup[] => {
  const inner: Lookup[] = [];
  node.forEachChild((child) => {
    inner.push(...lookupsIn(child));
  });
  return [...lookupOf(node), ...inner];
};

const lookupOf = (node: Node): Lookup[] => {
  if (isElementAccessExpression(node)) return [{ node, name: node.argumentExpression }];
  if (isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.InKeyword)
    return [{ node, name: node.left }];
  return [];
};
