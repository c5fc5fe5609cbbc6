import { SETTINGS } from './peers/services.ts';

const SUBJECTS = [
  'vector databases',
  'message queues',
  'consistent hashing',
  'token sampling',
  'object stores',
];

/** A prompt by its number; no two are alike. */
export const promptOf = (number: number): string =>
  `Explain ${SUBJECTS[number % SUBJECTS.length]} in a technical manner, for reader ${number}.`;

/** The request of a line of a prompt file. */
export const requestOf = (number: number) => ({ prompt: promptOf(number), ...SETTINGS });

/** A prompt file of so many requests. */
export const promptFile = (first: number, runs: number): string =>
  Array.from({ length: runs }, (_, at) => `${JSON.stringify(requestOf(first + at))}\n`).join('');
