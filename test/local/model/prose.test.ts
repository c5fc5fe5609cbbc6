import { describe, expect, test } from 'vitest';
import { generate } from '../../../local/model/generate.ts';
import { trainNgram } from '../../../local/model/ngram.ts';
import { makePredict } from '../../../local/model/predict.ts';
import { seededRandom } from '../../../local/model/random.ts';
import { proseSource } from '../../../local/model/source.ts';
import { readTopics, topicWeights } from '../../../local/model/topics.ts';

const topics = readTopics();
const model = trainNgram(topics);

const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.?!])\s+/)
    .filter((sentence) => /[.?!]$/.test(sentence) && sentence.split(/\s+/).length >= 6);

/** Texts about one topic, as for a prompt close to its anchor. */
const textsAbout = (slug: string, temperature: number, count: number): string[] => {
  const cosines = topics.map((topic) => (topic.slug === slug ? 0.7 : 0.4));
  const predict = makePredict(model, topicWeights(cosines));
  return Array.from({ length: count }, (_, seed) => {
    const steps = generate(proseSource(model, predict), {
      sampling: {
        temperature,
        topK: 0,
        topP: 1,
        frequencyPenalty: 0,
        presencePenalty: 0,
        logitBias: new Map(),
      },
      maxTokens: 120,
      stop: [],
      random: seededRandom(seed),
    });
    return Array.from(steps, ({ text }) => text).join('');
  });
};

const written = new Set(topics.flatMap(({ paragraphs }) => paragraphs.flatMap(sentencesOf)));

describe.each(['vector-databases', 'neural-networks'])('a text on %s, generated from the prose,', (slug) => {
  test.each([
    [0.5, 0.4],
    [1, 0.2],
  ])('repeats few of its sentences at temperature %d', (temperature, most) => {
    const sentences = textsAbout(slug, temperature, 30).flatMap(sentencesOf);
    expect(sentences.length).toBeGreaterThan(30);
    const recited = sentences.filter((sentence) => written.has(sentence));
    expect(recited.length / sentences.length).toBeLessThan(most);
  });

  test.each([0.5, 1])('is about its subject at temperature %d', (temperature) => {
    const subject =
      slug === 'vector-databases' ? /vector|index|quer|embedding/i : /network|layer|neur|weight|train/i;
    const texts = textsAbout(slug, temperature, 30).filter((text) => text.split(' ').length > 12);
    const near = texts.filter((text) => subject.test(text));
    expect(near.length / texts.length).toBeGreaterThan(0.8);
  });
});

test('an answer is mostly one paragraph of 40 to 120 tokens that ends with a sentence', () => {
  const texts = textsAbout('vector-databases', 0.5, 30);
  const whole = texts.filter((text) => /[.?!]$/.test(text) && text.split(' ').length > 30);
  expect(whole.length / texts.length).toBeGreaterThan(0.7);
});

test('few sentences end with a word that cannot end one', () => {
  const unfinished = /\b(because|the|an?|of|is|are|that|and|or|to|in|with|from|when|which)\.$/;
  const sentences = ['vector-databases', 'neural-networks', 'message-queues'].flatMap((slug) =>
    textsAbout(slug, 0.5, 20).flatMap((text) => text.split(/(?<=[.?!])\s+/)),
  );
  expect(sentences.filter((sentence) => unfinished.test(sentence)).length / sentences.length).toBeLessThan(
    0.03,
  );
});

test('no sentence occurs twice in the prose', () => {
  const sentences = topics.flatMap(({ paragraphs }) =>
    paragraphs.flatMap((text) => text.split(/(?<=[.?!])\s+/)),
  );
  expect(sentences.filter((sentence, at) => sentences.indexOf(sentence) !== at)).toEqual([]);
});
