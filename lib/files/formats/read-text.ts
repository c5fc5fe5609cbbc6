import { parse, YAMLParseError } from 'yaml';
import { refuseFile } from './faults.ts';
import { parseFileDefaults } from './file-defaults.ts';
import type { FileDefaults } from './source-record.ts';

const MAX_FRONT_MATTER = 64 * 1024;
const NOT_MEANT = 'if none was meant, begin the file with an empty line';

/**
 * Reads a `.txt` or `.md`: an optional front matter of run fields (YAML between two lines of `---`, the first being the
 * file's first line), then one prompt.
 * @throws {InvalidInputError} `empty` when there is no prompt, `bad_header` when the front matter is invalid.
 */
export const readText = (text: string): { prompt: string; frontMatter: FileDefaults | null } => {
  const lines = text.replaceAll('\r\n', '\n');
  const [all = '', yaml] = /^---[ \t]*\n(?:((?:.*\n)*?))---[ \t]*(?:\n|$)/.exec(lines) ?? [];
  const prompt = lines.slice(all.length).trim();
  if (prompt === '')
    refuseFile('empty', all ? 'the file has a front matter but no prompt' : 'the file is empty');
  return { prompt, frontMatter: yaml === undefined ? null : frontMatterOf(yaml) };
};

const frontMatterOf = (yaml: string): FileDefaults => {
  if (yaml.length > MAX_FRONT_MATTER)
    refuseFile('bad_header', `the front matter is over ${MAX_FRONT_MATTER} characters; ${NOT_MEANT}`);
  const fields = parseYaml(yaml) ?? {};
  const defaults = parseFileDefaults(fields, 'front matter', 'bad_header');
  for (const field of ['prompt', 'messages']) {
    if (Object.hasOwn(defaults.request, field))
      refuseFile(
        'bad_header',
        `front matter.${field}: leave it out; the text below the front matter is the prompt`,
      );
  }
  return defaults;
};

const parseYaml = (yaml: string): unknown => {
  try {
    return parse(yaml, { schema: 'core', maxAliasCount: 0, logLevel: 'error' });
  } catch (error) {
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    // The front matter begins at the file's second line.
    const place = line === undefined ? '' : ` (line ${line + 1})`;
    return refuseFile('bad_header', `the front matter is not valid YAML${place}; ${NOT_MEANT}`);
  }
};
