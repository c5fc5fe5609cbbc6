import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ENCODER_DIMENSIONS,
  type Encoder,
  normalisedMean,
  startEncoder,
  WINDOW_LENGTH,
  windowsOf,
} from '../../../local/openai/encoder.ts';
import { startOpenai } from '../../../local/openai/server.ts';
import { MODEL_CACHE } from '../../fixtures/model-cache.ts';

let encoder: Encoder;
beforeAll(() => {
  encoder = startEncoder();
});
afterAll(() => encoder.close());

test('an embedding has 512 values of length one', async () => {
  const vector = await encoder.embed('A garden needs water.');
  expect(vector).toHaveLength(ENCODER_DIMENSIONS);
  expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
});

test('an empty text is refused', async () => {
  await expect(encoder.embed('')).rejects.toThrow(RangeError);
});

test('an urgent text is embedded before the waiting ones', async () => {
  const order: string[] = [];
  const embed = async (name: string, urgent: boolean) => {
    await encoder.embed(name, { urgent });
    order.push(name);
  };
  await Promise.all([
    embed('first', false),
    embed('second', false),
    embed('third', false),
    embed('prompt', true),
  ]);
  expect(order).toEqual(['first', 'prompt', 'second', 'third']);
});

test('a text whose caller has aborted is dropped from the queue', async () => {
  const controller = new AbortController();
  const begun = encoder.embed('begun', { signal: controller.signal });
  const dropped = encoder.embed('dropped', { signal: controller.signal });
  controller.abort(new Error('The client left.'));
  await expect(dropped).rejects.toThrow('The client left.');
  expect(await begun).toHaveLength(ENCODER_DIMENSIONS);
});

test('a server closes cleanly before its encoder has loaded, and a closed encoder rejects', async () => {
  const server = await startOpenai({ pace: 0, cacheDir: MODEL_CACHE });
  await server.close();
  const closed = startEncoder();
  await closed.close();
  await expect(closed.embed('late')).rejects.toThrow('The encoder has stopped.');
});

test('the mean of vectors is scaled to length one', () => {
  const mean = normalisedMean([Float32Array.of(1, 0), Float32Array.of(0, 1)]);
  expect(Array.from(mean)).toEqual([expect.closeTo(Math.SQRT1_2, 6), expect.closeTo(Math.SQRT1_2, 6)]);
});

test('windows are short enough, well formed, and add up to the text', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 700 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
      const text = words.join(' ');
      const windows = windowsOf(text);
      expect(windows.join('')).toBe(text);
      for (const window of windows) {
        expect(window.length).toBeLessThanOrEqual(WINDOW_LENGTH);
        expect(window.length).toBeGreaterThan(0);
        expect(window.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test('words are not split as long as there is white space', () => {
  const text = 'nearest neighbours '.repeat(100);
  for (const window of windowsOf(text))
    expect(window.trim()).toMatch(/^(nearest|neighbours)\b.*(nearest|neighbours)$/);
});
