import type { Format } from './formats.ts';
import { readTable } from './table.ts';

/** The API takes requests of 1 MiB of JSON; the rest is for the defaults. */
const MAX_JSON_BYTES = 1024 * 1024 - 16 * 1024;

/** The part of a file that an estimate reads: whole records from the beginning, and the share of the file that they are. */
export type Beginning = { content: string; share: number };

const bytes = (text: string): number => new TextEncoder().encode(text).length;

/**
 * Cuts a text at the end of a record so that an estimate takes it, with `reserved` bytes left for the defaults. `size` is
 * that of the file, of which `text` is the beginning. Undefined where not even the first record fits.
 */
export const beginningOf = (
  text: string,
  format: Format,
  { size, isWhole, reserved }: { size: number; isWhole: boolean; reserved: number },
): Beginning | undefined => {
  const room = MAX_JSON_BYTES - reserved;
  const fits = (content: string) => bytes(JSON.stringify(content)) <= room;
  if (isWhole && fits(text)) return { content: text, share: 1 };
  if (format === 'json') return beginningOfList(text, fits);
  if (format === 'text') return undefined;
  const ends = recordEnds(text, format, isWhole);
  // Escapes make JSON longer than its text; half as many records fit sooner or later.
  for (let count = ends.length; count > 0; count = Math.floor(count / 2)) {
    const content = text.slice(0, ends[count - 1]);
    if (fits(content)) return { content, share: Math.min(1, bytes(content) / size) };
  }
  return undefined;
};

const recordEnds = (text: string, format: Format, isWhole: boolean): number[] => {
  if (format === 'csv') return readTable(text, { variables: new Set(), isWhole }).rows.map(({ end }) => end);
  return [...text.matchAll(/\n/g)].map(({ index }) => index + 1);
};

const beginningOfList = (text: string, fits: (content: string) => boolean): Beginning | undefined => {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  for (let count = list.length; count > 0; count = Math.floor(count / 2)) {
    const content = JSON.stringify(list.slice(0, count));
    if (fits(content)) return { content, share: count / list.length };
  }
  return undefined;
};
