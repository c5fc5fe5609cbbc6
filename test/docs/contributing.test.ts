import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LIB_ORDER } from '../../tools/structure/check-structure.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
/** Folders that npm makes: installed packages, and what is packed. */
const MADE = ['node_modules', 'dist'];
const [, tree = ''] = /```\n(functions\/[\s\S]*?)```/.exec(text) ?? [];

describe('CONTRIBUTING.md', () => {
  test('shows every folder of lib, in the order in which they may import each other', () => {
    const shown = [...tree.matchAll(/^ {2}(\w+(?:\.ts)?)\/? /gm)].map(([, name]) => name);
    expect(shown).toEqual(LIB_ORDER.filter((place) => place !== 'adapters').concat('adapters'));
  });

  test('shows every folder of the top level', () => {
    const shown = [...tree.matchAll(/^(\w+)\/ /gm)].map(([, name]) => name);
    const folders = readdirSync(root, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !MADE.includes(entry.name),
    );
    expect(shown.toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
  });

  test.each([
    ['A prompt, from the request to Pinecone', 20],
    ['A line of a prompt file, from its upload to its result', 25],
  ])('links to existing files: %s', (title, most) => {
    const [, way = ''] = text.split(`**${title}**`);
    const files = [...(way.split('\n\n')[1] ?? '').matchAll(/^\d+\. \[(.+?)\]\((.+?)\)/gm)];
    for (const [, shown, target] of files)
      expect([shown, existsSync(join(root, target ?? ''))]).toEqual([target, true]);
    expect(files.length).toBeGreaterThan(15);
    expect(files.length).toBeLessThanOrEqual(most);
  });
});
