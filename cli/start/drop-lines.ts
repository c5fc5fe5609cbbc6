import type { DropEvent } from '../../local/drop-folder.ts';
import { visible } from '../../local/visible.ts';

/** News of the drop folder for a person; `isQuiet` is only for `--verbose`. */
export type DropLine = { text: string; isWarning: boolean; isQuiet: boolean };

export const dropLineOf = (event: DropEvent): DropLine => {
  const file = visible(event.file);
  switch (event.type) {
    case 'taken_in':
      return { text: `${file} was taken in`, isWarning: false, isQuiet: false };
    case 'passed_over': {
      const remedy = event.remedy === undefined ? '' : `; ${visible(event.remedy)}`;
      return { text: `${file} is passed over: ${event.reason}${remedy}`, isWarning: true, isQuiet: false };
    }
    case 'waiting':
      return { text: `${file} has to wait: ${reasonOf(event.code)}`, isWarning: true, isQuiet: false };
    case 'result':
      return { text: `${file} is there`, isWarning: false, isQuiet: true };
  }
};

const REASONS = new Map([
  ['EACCES', 'it may not be read; change its permissions'],
  ['EPERM', 'it may not be read; change its permissions'],
  ['ENOSPC', 'the disk is full; free some space'],
  ['EISDIR', 'a folder of this name is in its place; move it away'],
]);

/** The reason with its remedy where it is known. It is tried again in any case. */
const reasonOf = (code: string): string => {
  const known = REASONS.get(code);
  return known === undefined ? `${visible(code)}; it is tried again` : `${known} (${code})`;
};
