import { InvalidInputError } from '../../errors.ts';
import { isObject } from '../../json/value.ts';
import { refuseFile } from './faults.ts';
import { isDefaultsField, parseFileDefaults } from './file-defaults.ts';
import type { FileDefaults } from './source-record.ts';

const MAX_FRONT_MATTER = 64 * 1024;
const NOT_MEANT = 'if none was meant, begin the file with an empty line';

type TextFile = {
  prompt: string;
  frontMatter: FileDefaults | null;
  variables: Record<string, string> | null;
};

/**
 * Reads a `.txt` or `.md`: an optional front matter (YAML between two lines of `---`, the first being the file's first
 * line), then one prompt. Run fields of the front matter are defaults; its other fields (a blog's `title`) are kept as
 * texts, as a table's other columns are.
 * @throws {InvalidInputError} `empty` when there is no prompt, `bad_header` when the front matter is invalid.
 */
export const readText = async (text: string): Promise<TextFile> => {
  const lines = text.replaceAll('\r\n', '\n');
  const [all = '', yaml] = /^---[ \t]*\n(?:((?:.*\n)*?))---[ \t]*(?:\n|$)/.exec(lines) ?? [];
  const prompt = lines.slice(all.length).trim();
  if (prompt === '')
    refuseFile('empty', all ? 'the file has a front matter but no prompt' : 'the file is empty');
  return {
    prompt,
    ...(yaml === undefined ? { frontMatter: null, variables: null } : await frontMatterOf(yaml)),
  };
};

const frontMatterOf = async (yaml: string): Promise<Omit<TextFile, 'prompt'>> => {
  if (yaml.length > MAX_FRONT_MATTER)
    refuseFile('bad_header', `the front matter is over ${MAX_FRONT_MATTER} characters; ${NOT_MEANT}`);
  // Loaded when a file has some: the parser is large, and few files do.
  const parser = await import('yaml');
  const fields = parseYaml(yaml, 'core', parser) ?? {};
  if (!isObject(fields)) {
    const message = `must be an object of fields; ${NOT_MEANT}`;
    throw new InvalidInputError([{ path: 'front matter', message }], { code: 'bad_header' });
  }
  const given = Object.entries(fields);
  const ofRuns = given.filter(([name]) => isDefaultsField(name));
  const defaults = parseFileDefaults(
    Object.fromEntries(ofRuns.map(([name, value]) => [name.toLowerCase(), value])),
    'front matter',
    'bad_header',
  );
  for (const field of ['prompt', 'messages']) {
    if (Object.hasOwn(defaults.request, field))
      refuseFile(
        'bad_header',
        `front matter.${field}: leave it out; the text below the front matter is the prompt`,
      );
  }
  const others = given.filter(([name]) => !isDefaultsField(name));
  return { frontMatter: defaults, variables: textsOf(others, yaml, parser) };
};

/** The fields as texts: scalars as they are written (`1.10`, `2026-10-01`), lists and objects as JSON. */
const textsOf = (
  fields: [string, unknown][],
  yaml: string,
  parser: Parser,
): Record<string, string> | null => {
  if (fields.length === 0) return null;
  const written = parseYaml(yaml, 'failsafe', parser);
  const scalars = new Map(isObject(written) ? Object.entries(written) : []);
  return Object.fromEntries(
    fields.map(([name, value]) => {
      const text = value === null ? '' : (scalars.get(name) ?? value);
      return [name, typeof text === 'string' ? text : JSON.stringify(value)];
    }),
  );
};

type Parser = typeof import('yaml');

const parseYaml = (yaml: string, schema: 'core' | 'failsafe', { parse, YAMLParseError }: Parser): unknown => {
  try {
    return parse(yaml, { schema, maxAliasCount: 0, logLevel: 'error' });
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    // The front matter begins at the file's second line.
    const place = line === undefined ? '' : ` (line ${line + 1})`;
    return refuseFile('bad_header', `the front matter is not valid YAML${place}; ${NOT_MEANT}`);
  }
};
