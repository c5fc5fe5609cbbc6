import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import GithubSlugger from 'github-slugger';

/** A place in the repository whose words break a rule, with these words. */
export type Finding = { file: string; line: number; rule: string; words: string };

/** A piece of prose and the line on which it begins. */
type Prose = { line: number; text: string };

/** A sentence with one of these as its subject reads like a riddle; a question may open so. */
const RIDDLE = /^(who|whoever|what|whatever|whichever)\b/i;

/**
 * Words in capitals that readers of this field know, or that a product spells so. Anything else is shorthand and has
 * to be written out, or to stand in backticks where it is a name in the code.
 */
const KNOWN_CAPITALS = new Set(
  `ACL AMD API ARN ASCII AWS BLEU BOM BPE CDK CORS CPU CRLF CSS CSV DELETE DNS EMF EPYC GET HEAD HNSW HTML HTTP IAM ICL
  IDS IPC ISO ITL IVF JSON KMS LIST LLM LSN MIB MIT NFC NUL OIDC OPTIONS PATCH POST PUT README REST RFC RSS SAM SDK SNS
  SQS SSM SVG TCP TLS TPOT TTFT TTL UCUM UDP UMAP URI URL USA USD UTC WAL XML YAML`.split(/\s+/),
);

/** Comments of a TypeScript source, formatted as Biome formats it; adjacent lines of one comment are one piece. */
export const commentsIn = (source: string): Prose[] => {
  const found: Prose[] = [];
  let open: Prose | undefined;
  for (const [at, line] of source.split('\n').entries()) {
    const text = /^\s*(?:\/\*\*?|\*(?!\/)|\/\/)\s?(.*?)\s*(?:\*\/\s*)?$/.exec(line)?.[1];
    const trailing = text === undefined ? /[;,{([]\s+\/\/ (.*)$/.exec(line)?.[1] : undefined;
    if (trailing !== undefined) found.push({ line: at + 1, text: trailing });
    if (text === undefined) open = undefined;
    else if (open && text !== '' && !/^(@|- )/.test(text)) open.text += ` ${text}`;
    else if (text !== '') {
      open = { line: at + 1, text };
      found.push(open);
    }
    if (line.trimEnd().endsWith('*/')) open = undefined;
  }
  return found;
};

/** A title stands first after `test(` or `describe(`, and after the table of `test.each(…)`, which may end lines later. */
const TITLE = /^\s*(?:(?:test|describe)(?:\.\w+(?:<.*>)?\(.*\))?|[\])}]+)\(\s*(['"`])(.+?)\1/gm;

/** Titles of tests and their groups, those of tables too. */
export const titlesIn = (source: string): Prose[] =>
  [...source.matchAll(TITLE)].map(({ index, 2: text = '' }) => ({
    line: source.slice(0, index).split('\n').length,
    text,
  }));

/**
 * Paragraphs, list items and cells of a Markdown document, each with its line; without code blocks, headings and heads of
 * tables, which are titles, not sentences.
 */
export const paragraphsIn = (markdown: string): Prose[] => {
  const found: Prose[] = [];
  let isCode = false;
  let open: Prose | undefined;
  const lines = markdown.split('\n');
  for (const [at, line] of lines.entries()) {
    const isFence = /^\s*```/.test(line);
    if (isFence) isCode = !isCode;
    const isTitle = /^#+\s/.test(line) || /^\s*\|[-| :]+$/.test(lines[at + 1] ?? '');
    if (isCode || isFence || isTitle || line.trim() === '') open = undefined;
    else if (/^\s*\|/.test(line)) {
      open = undefined;
      for (const cell of line.split(/(?<!\\)\|/))
        if (/\w/.test(cell)) found.push({ line: at + 1, text: cell.trim() });
    } else if (open && !/^\s*([-*#>]|\d+\.)\s/.test(line)) open.text += ` ${line.trim()}`;
    else {
      open = { line: at + 1, text: line.trim().replace(/^([-*#>]+|\d+\.)\s+/, '') };
      found.push(open);
    }
  }
  return found;
};

const withoutCode = (text: string): string =>
  text
    .replace(/`[^`]*`/g, '`…`')
    .replace(/\{@\w+[^}]*\}/g, '')
    .replace(/"[^"]*"/g, '"…"')
    .replace(/https?:\S+/g, '');

const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?])["”’)]*\s+(?=["“(*`]*[A-Z])/)
    .map((sentence) => sentence.replace(/^@\w+(?:\s+\{[^}]*\})?\s*/, '').replace(/^["“(*_\s]+/, ''));

/** Sentences that open like riddles, and shorthand in capitals. */
export const riddlesIn = (pieces: readonly Prose[], file: string): Finding[] =>
  pieces.flatMap(({ line, text }) => {
    const prose = withoutCode(text);
    const riddles = sentencesOf(prose)
      .filter((sentence) => RIDDLE.test(sentence) && !sentence.trimEnd().endsWith('?'))
      .map((words) => ({ file, line, rule: 'opens like a riddle', words: words.slice(0, 80) }));
    const capitals = [...prose.matchAll(/(?<![\w.$/+-])[A-Z]{3,}(?![\w$/-]|\(|=|\.\w)/g)]
      .map(([word]) => word)
      .filter((word) => !KNOWN_CAPITALS.has(word) && !word.startsWith('SIG'))
      .map((words) => ({ file, line, rule: 'is shorthand in capitals', words }));
    return [...riddles, ...capitals];
  });

/** Relative links of a Markdown document that lead to no file, or to no heading of one. Paths are below `root`. */
export const deadLinksIn = (
  markdown: string,
  file: string,
  root: string,
  read: (path: string) => string,
): Finding[] =>
  [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(({ index, 1: target = '' }) => {
    if (/^(https?|mailto):/.test(target)) return [];
    const [path = '', heading] = target.split('#');
    const to = path === '' ? file : normalize(join(dirname(file), path));
    const isThere =
      existsSync(join(root, to)) && (heading === undefined || headingsOf(read(to)).has(heading));
    const line = markdown.slice(0, index).split('\n').length;
    return isThere ? [] : [{ file, line, rule: 'leads nowhere', words: target }];
  });

/** GitHub's anchors of a document's headings. */
const headingsOf = (markdown: string): Set<string> => {
  const slugger = new GithubSlugger();
  const text = markdown.replace(/^```[\s\S]*?^```/gm, '');
  return new Set(
    [...text.matchAll(/^#+\s+(.+)$/gm)].map(([, heading = '']) =>
      slugger.slug(heading.replace(/`|\*|\[|\]\([^)]*\)/g, '')),
    ),
  );
};

/** Paths of this repository that a comment names and that are not there. */
export const deadPathsIn = (pieces: readonly Prose[], file: string, root: string): Finding[] =>
  pieces.flatMap(({ line, text }) =>
    [
      ...text.matchAll(
        /(?<![\w./-])(?:functions|lib|client|local|report|cli|tools|test|docs|infra)\/[\w./-]*\w\.(?:ts|md|yml|json)\b/g,
      ),
    ]
      .map(([path]) => path)
      .filter((path) => !existsSync(join(root, path)))
      .map((words) => ({ file, line, rule: 'names a file that is not there', words })),
  );
