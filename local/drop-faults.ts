import { basename, dirname } from 'node:path';
import { hasHidden } from './visible.ts';

/** The reason for which a dropped file is not taken in, and the remedy if there is one. */
export type DropFault = { reason: string; remedy: string | undefined };

const SERVED = /\.(txt|md|json|jsonl|csv)$/i;
const DEFAULTS = /\.defaults\.json$/i;
/** Names that may mean defaults: `defaults.json`, `products.default.json`, `products-defaults.json`. */
const LIKE_DEFAULTS = /^(?:(.+)([._ -]))?defaults?\.json$/i;
const TEMPORARY = /^~\$|^#.*#$|~$|\.(swp|swo|tmp|temp|part|partial|crdownload|download|lock|lck)$/i;

/** Remedies for other formats, by extension. `{name}` is the file's name without it. */
const REMEDIES: [extensions: RegExp, remedy: string][] = [
  [/\.(xlsx?|xlsm|xlsb|ods|numbers)$/i, 'save it as CSV (UTF-8), {name}.csv'],
  [/\.(tsv|tab)$/i, 'rename it to {name}.csv: columns may be separated by tabs'],
  [/\.(ndjson|jsonlines|jl)$/i, 'rename it to {name}.jsonl'],
  [/\.(ya?ml|toml)$/i, 'write it as JSON, {name}.json'],
  [/\.(text|markdown|rst)$/i, 'rename it to {name}.txt'],
  [/\.(docx?|odt|rtf|pdf|html?|pages)$/i, 'save it as plain text, {name}.txt'],
  [/\.(zip|gz|tgz|tar|bz2|xz|7z|rar|zst)$/i, 'unpack it into drop/'],
  [/\.(parquet|arrow|feather|sqlite|db)$/i, 'export it as {name}.csv or {name}.jsonl'],
];

export const isDefaults = (name: string): boolean => DEFAULTS.test(name);

/** Whether a name is one of those that programs make beside the files of people: nothing needs to be said of it. */
export const isOfPrograms = (name: string): boolean =>
  basename(name).startsWith('.') &&
  (!SERVED.test(name) || TEMPORARY.test(name) || /^\.(#|_|~)/.test(basename(name)));

type Dropped = { name: string; size: number; isLink: boolean };

/**
 * The reason for which a dropped file is not taken in; `undefined` for one that is. `others` are the names of all files
 * in the drop folder.
 */
export const faultOf = (
  { name, size, isLink }: Dropped,
  others: readonly string[],
): DropFault | undefined => {
  const base = basename(name);
  if (hasHidden(name)) return { reason: 'its name has control characters', remedy: 'rename it' };
  if (TEMPORARY.test(base)) return { reason: 'it is a temporary file of another program', remedy: undefined };
  if (base.startsWith('.'))
    return { reason: 'it is a hidden file', remedy: `rename it to ${base.replace(/^\.+/, '')}` };
  if (isLink) return { reason: 'it is a link', remedy: 'copy the file itself' };
  if (!SERVED.test(base)) return { reason: PROMPT_FILES, remedy: remedyFor(base) };
  const right = nameOfDefaults(name, others);
  if (right !== undefined)
    return { reason: 'a file of defaults has the name of its prompt file', remedy: `rename it to ${right}` };
  return size === 0 ? { reason: 'it is empty', remedy: 'write prompts into it' } : undefined;
};

const PROMPT_FILES = 'prompt files end in .txt, .md, .json, .jsonl or .csv';

const remedyFor = (base: string): string | undefined => {
  const [extension, remedy] = REMEDIES.find(([extensions]) => extensions.test(base)) ?? [];
  if (extension !== undefined) return remedy?.replaceAll('{name}', base.replace(extension, ''));
  return base.includes('.') ? undefined : `rename it to ${base}.txt`;
};

/** The name that a file of defaults should have; `undefined` for one that has it, and for any other file. */
const nameOfDefaults = (name: string, others: readonly string[]): string | undefined => {
  const [whole, stem = '', separator = '.'] = LIKE_DEFAULTS.exec(basename(name)) ?? [];
  if (whole === undefined) return undefined;
  const prompts = others
    .filter((other) => dirname(other) === dirname(name) && SERVED.test(other))
    .map((other) => basename(other))
    .filter((other) => !LIKE_DEFAULTS.test(other));
  const meant = prompts.filter((prompt) =>
    `${prompt}.`.toLowerCase().startsWith(stem === '' ? '' : `${stem}.`.toLowerCase()),
  );
  // Defaults may come before their prompt file, but not under a name that differs from it in its case.
  const isNamed = SERVED.test(stem) && (meant.length === 0 || meant.includes(stem));
  if (isDefaults(name) && isNamed) return undefined;
  if (separator !== '.' && meant.length === 0) return undefined;
  const [owner = 'products.csv'] = meant.length > 0 ? meant : prompts;
  return meant.length === 1 ? `${owner}.defaults.json` : `FILE.defaults.json, such as ${owner}.defaults.json`;
};
