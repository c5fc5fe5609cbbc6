import type { Topic } from '../../../local/model/topics.ts';

/** Two small subjects that share some words. */
export const smallTopics: Topic[] = [
  {
    slug: 'gardens',
    title: 'Gardens',
    anchor: 'A garden is a piece of ground where plants grow.',
    paragraphs: [
      'The gardener waters the roses in the morning. The roses open slowly.',
      'The roses need light and water. A garden needs a gardener.',
      'The old wall keeps the wind away. The gardener likes the wall.',
    ],
  },
  {
    slug: 'ships',
    title: 'Ships',
    anchor: 'A ship carries people and goods over the sea.',
    paragraphs: [
      'The captain waters nothing at all. The ship sails in the morning.',
      'The ship needs wind and water. A ship needs a captain.',
      'Flags such as 🏴‍☠️ and 🦜 are seldom seen, ≥ 3 never.',
    ],
  },
];
