import { expect, test } from 'vitest';
import { blocksIn, commandsIn, recorded, withTexts } from '../../../tools/walkthroughs/blocks.ts';

const DOCUMENT = `# Title

\`\`\`console
$ everytoken runs \\
  --since 7d
old output
$ cat x
\`\`\`

<!-- terminal 2, until 26 of 40 -->

\`\`\`console
$ everytoken start
\`\`\`

\`\`\`sh
$ no console
\`\`\`
`;

test('reads the console blocks with their terminals, and the commands in them', () => {
  const blocks = blocksIn(DOCUMENT);
  expect(blocks.map(({ terminal, until }) => [terminal, until])).toEqual([
    [1, undefined],
    [2, '26 of 40'],
  ]);
  expect(blocks.map(commandsIn)).toEqual([
    ['everytoken runs \\\n  --since 7d', 'cat x'],
    ['everytoken start'],
  ]);
});

test('puts new texts in their places and leaves the rest', () => {
  const blocks = blocksIn(DOCUMENT);
  const texts = [recorded('cat x', ['new']), recorded('everytoken start', [])];
  const written = withTexts(DOCUMENT, blocks, texts);
  expect(blocksIn(written).map(({ text }) => text)).toEqual(['$ cat x\nnew\n', '$ everytoken start\n']);
  expect(written).toContain('$ no console');
  expect(
    withTexts(
      DOCUMENT,
      blocks,
      blocks.map(({ text }) => text),
    ),
  ).toBe(DOCUMENT);
});

test('keeps the first and the last lines of a long output', () => {
  const lines = recorded(
    'x',
    Array.from({ length: 100 }, (_, at) => `line ${at}`),
  ).split('\n');
  expect(lines.length).toBeLessThan(50);
  expect(lines).toEqual(expect.arrayContaining(['line 0', '…', 'line 99']));
});
