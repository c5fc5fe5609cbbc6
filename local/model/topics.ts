import { readdirSync, readFileSync } from 'node:fs';

/** One subject of the training prose: `anchor` is the sentence that a prompt is compared with. */
export type Topic = { slug: string; title: string; anchor: string; paragraphs: string[] };

/**
 * Reads a topic file: `# Title`, a line `> anchor`, then paragraphs of one line each, blank lines between.
 * Throws when one of the three is missing.
 */
export const parseTopic = (slug: string, markdown: string): Topic => {
  const lines = markdown.split(/\r?\n/).map((line) => line.trim());
  const title = lines
    .find((line) => line.startsWith('# '))
    ?.slice(2)
    .trim();
  const anchor = lines
    .find((line) => line.startsWith('> '))
    ?.slice(2)
    .trim();
  const paragraphs = lines.filter((line) => line !== '' && !line.startsWith('# ') && !line.startsWith('> '));
  if (!title || !anchor || paragraphs.length === 0) {
    throw new Error(`The topic ${slug} needs a title (#), an anchor (>) and at least one paragraph.`);
  }
  return { slug, title, anchor, paragraphs };
};

/** All topics of a folder, by file name; the prose of this package when none is given. */
export const readTopics = (folder: URL = new URL('./prose/', import.meta.url)): Topic[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => parseTopic(name.slice(0, -3), readFileSync(new URL(name, folder), 'utf8')));

/** Greater values leave less to the topics that fit the prompt less well. */
const SHARPNESS = 40;

/** What a topic weighs at least: its words stay possible, and its phrases give the subject's some variety. */
const LEAST_WEIGHT = 0.001;

/**
 * How much each topic counts for a prompt, from the cosines of the prompt with the topics' anchors: a softmax, scaled
 * so that the best topic weighs 1, mixed with a uniform share. No weight is zero.
 */
export const topicWeights = (cosines: readonly number[]): Float64Array => {
  const best = Math.max(...cosines);
  return Float64Array.from(
    cosines,
    (cosine) => LEAST_WEIGHT + (1 - LEAST_WEIGHT) * Math.exp(SHARPNESS * (cosine - best)),
  );
};
