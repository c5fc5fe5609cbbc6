import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';

/** A file of result lines that grows a line at a time; a line that a crash cut short is taken away when it is opened. */
export const openResultLog = (path: string) => {
  const ids = existsSync(path) ? idsOf(path) : [];
  return {
    /** custom_ids of the lines that are there. */
    ids,
    append: (line: object): void => appendFileSync(path, `${JSON.stringify(line)}\n`),
    isEmpty: (): boolean => !existsSync(path),
  };
};

const idsOf = (path: string): string[] => {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes
    .subarray(0, end)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): string => JSON.parse(line).custom_id);
};
