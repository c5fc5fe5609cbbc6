import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { linesText, reasonOfLines, remedyOfFile } from '../../../dashboard/files/reasons.ts';

/** The codes in the table below a heading of docs/files.md. */
const codesBelow = (heading: string): string[] => {
  const docs = readFileSync(new URL('../../../docs/files.md', import.meta.url), 'utf8');
  const table = docs.split(heading)[1]?.split('\n\n')[1] ?? '';
  const codes = table.split('\n').map((row) => row.split('|')[1] ?? '');
  return codes.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => code));
};

describe('the reasons of lines and files', () => {
  test('have words for each code that docs/files.md names', () => {
    const unknown = reasonOfLines('some_new_code');
    const lines = codesBelow('**One line.** The other lines go on.');
    expect(lines.length).toBeGreaterThan(15);
    for (const code of lines) expect(reasonOfLines(code), code).not.toEqual(unknown);
    const files = codesBelow('**The whole file.**');
    expect(files.length).toBeGreaterThan(8);
    for (const code of files) expect(remedyOfFile(code), code).not.toBe(remedyOfFile('some_new_code'));
  });

  test('name lines as ranges', () => {
    expect(linesText([7], 1)).toBe('line 7');
    expect(linesText([3, 4, 7, 8, 9], 2_005)).toBe('lines 3, 4, 7–9 and 2,000 more');
    expect(linesText([], 1_200)).toBe('1,200 lines');
  });
});
