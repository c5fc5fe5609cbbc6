import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anchorVectors } from '../../../local/model/anchor-vectors.ts';
import { smallTopics } from './prose-fixture.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anchors-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Records its texts; each vector is made of the text's length. */
const makeEmbed = () => {
  const embedded: string[] = [];
  const embed = async (text: string) => {
    embedded.push(text);
    return Float32Array.of(text.length, 0.5);
  };
  return { embed, embedded };
};

test('the second start reads the anchor vectors from the folder', async () => {
  const first = makeEmbed();
  const vectors = await anchorVectors(smallTopics, first.embed, folder);
  expect(vectors).toEqual(smallTopics.map(({ anchor }) => Float32Array.of(anchor.length, 0.5)));
  const second = makeEmbed();
  expect(await anchorVectors(smallTopics, second.embed, folder)).toEqual(vectors);
  expect(second.embedded).toEqual([]);
  expect(await readdir(folder)).toHaveLength(1);
});

test('changed anchors are embedded anew', async () => {
  await anchorVectors(smallTopics, makeEmbed().embed, folder);
  const changed = makeEmbed();
  await anchorVectors(
    smallTopics.map((topic) => ({ ...topic, anchor: `${topic.anchor}!` })),
    changed.embed,
    folder,
  );
  expect(changed.embedded).toHaveLength(smallTopics.length);
});

test('a folder without write access costs no more than time', async () => {
  const file = join(folder, 'a-file');
  await writeFile(file, '');
  const vectors = await anchorVectors(smallTopics, makeEmbed().embed, join(file, 'beneath'));
  expect(vectors).toHaveLength(smallTopics.length);
});
