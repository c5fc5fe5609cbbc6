import { parse, YAMLParseError } from 'yaml';
import { InvalidInputError } from '../../errors.ts';
import { isObject } from '../../json/value.ts';
import { refuseFile } from './faults.ts';
import { isDefaultsField, parseFileDefaults } from './file-defaults.ts';
import type { FileDefaults } from './source-record.ts';

const MAX_FRONT_MATTER = 64 * 1024;
const NOT_MEANT = 'if none was meant, begin the file with an empty line';

/** Defaults for the prompt, and the other fields; null where there are none. */
export type FrontMatter = { frontMatter: FileDefaults | null; variables: Record<string, string> | null };

/**
 * Reads the YAML of a front matter: run fields are defaults, its other fields are kept as texts.
 * @throws {InvalidInputError} `bad_header` when it is not valid, or has a prompt of its own.
 */
export const readFrontMatter = (yaml: string): FrontMatter => {
  if (yaml.length > MAX_FRONT_MATTER)
    refuseFile('bad_header', `the front matter is over ${MAX_FRONT_MATTER} characters; ${NOT_MEANT}`);
  const fields = parseYaml(yaml, 'core') ?? {};
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
  return { frontMatter: defaults, variables: textsOf(others, yaml) };
};

/** The fields as texts: scalars as they are written (`1.10`, `2026-10-01`), lists and objects as JSON. */
const textsOf = (fields: [string, unknown][], yaml: string): Record<string, string> | null => {
  if (fields.length === 0) return null;
  const written = parseYaml(yaml, 'failsafe');
  const scalars = new Map(isObject(written) ? Object.entries(written) : []);
  return Object.fromEntries(
    fields.map(([name, value]) => {
      const text = value === null ? '' : (scalars.get(name) ?? value);
      return [name, typeof text === 'string' ? text : JSON.stringify(value)];
    }),
  );
};

const parseYaml = (yaml: string, schema: 'core' | 'failsafe'): unknown => {
  try {
    return parse(yaml, { schema, maxAliasCount: 0, logLevel: 'error' });
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    // The front matter begins at the file's second line.
    const place = line === undefined ? '' : ` (line ${line + 1})`;
    return refuseFile('bad_header', `the front matter is not valid YAML${place}; ${NOT_MEANT}`);
  }
};
