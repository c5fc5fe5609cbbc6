import { readdirSync, readFileSync } from 'node:fs';

/** One subject of the training prose. Prompts are compared with its `anchor`, a sentence. */
export type Topic = { slug: string; title: string; anchor: string; paragraphs: string[] };

/**
 * Parses a topic file: a line `# Title`, a line `> anchor`, then paragraphs of one line each. Blank lines are ignored.
 *
 * @throws {Error} when the title, the anchor or a paragraph is missing.
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

/** Reads all topics of a folder, ordered by file name. Default: the prose of this project. */
export const readTopics = (folder: URL = new URL('./prose/', import.meta.url)): Topic[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => parseTopic(name.slice(0, -3), readFileSync(new URL(name, folder), 'utf8')));

/** Greater values give less weight to topics that fit the prompt less well. */
const SHARPNESS = 40;

/** The least weight of a topic. It keeps the topic's words possible and adds variety. */
const MIN_WEIGHT = 0.001;

/**
 * The weight of each topic for a prompt, from the cosines of the prompt with the topics' anchors: a softmax, scaled so
 * that the best topic has weight 1, mixed with a uniform share. No weight is zero.
 */
export const topicWeights = (cosines: readonly number[]): Float64Array => {
  const best = Math.max(...cosines);
  return Float64Array.from(
    cosines,
    (cosine) => MIN_WEIGHT + (1 - MIN_WEIGHT) * Math.exp(SHARPNESS * (cosine - best)),
  );
};
