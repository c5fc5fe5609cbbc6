import { refuseFile } from './faults.ts';
import type { FrontMatter } from './front-matter.ts';

type TextFile = FrontMatter & { prompt: string };

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
  if (yaml === undefined) return { prompt, frontMatter: null, variables: null };
  // Loaded when a file has some: the parser is large, and few files do.
  const { readFrontMatter } = await import('./front-matter.ts');
  return { prompt, ...readFrontMatter(yaml) };
};
