import { expect, test } from 'vitest';
import { parseTopic, readTopics, topicWeights } from '../../../local/model/topics.ts';

test('a topic file has a title, an anchor and paragraphs of one line each', () => {
  expect(parseTopic('slug', '# A title\n\n> The anchor.\n\nOne.\n\nTwo  three.\r\n')).toEqual({
    slug: 'slug',
    title: 'A title',
    anchor: 'The anchor.',
    paragraphs: ['One.', 'Two  three.'],
  });
});

test('a topic file that lacks one of the three is refused by name', () => {
  for (const markdown of ['> a\n\np', '# t\n\np', '# t\n\n> a']) {
    expect(() => parseTopic('broken', markdown)).toThrow(/broken/);
  }
});

test('the prose has some twenty topics, each with an anchor of its own', () => {
  const topics = readTopics();
  expect(topics.length).toBeGreaterThanOrEqual(20);
  expect(new Set(topics.map(({ anchor }) => anchor)).size).toBe(topics.length);
});

test('the topic nearest to the prompt has weight 1, the others less, or none at all', () => {
  const weights = topicWeights([0.2, 0.8, 0.7]);
  expect(weights[1]).toBe(1);
  expect(weights[2]).toBeGreaterThan(weights[0] ?? 1);
  expect(weights[2]).toBeLessThan(0.5);
  expect(weights[0]).toBeGreaterThan(0);
});
