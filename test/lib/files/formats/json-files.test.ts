import { describe, expect, test } from 'vitest';
import { readAll, refused } from './read-all.ts';

const bodies = async (text: string) =>
  (await readAll(text, { format: 'json' })).records.map(({ line, body }) => [line, body]);

describe('a .json file', () => {
  test('is one run request or an array of them, each kept unchanged', async () => {
    expect(await bodies('{"prompt":"one","top_k":40}')).toEqual([[1, { prompt: 'one', top_k: 40 }]]);
    expect(await bodies('\uFEFF[{"prompt":"one"},\r\n7,null,"x",{"nonsense":true}]')).toEqual([
      [1, { prompt: 'one' }],
      [2, 7],
      [3, null],
      [4, 'x'],
      [5, { nonsense: true }],
    ]);
  });

  test.each(['{"prompt":', 'prompt: x', '{"a":1}{"b":2}'])(
    'that reads %j is refused as no JSON',
    async (text) => {
      await expect(readAll(text, { format: 'json' })).rejects.toEqual(refused('invalid_json'));
    },
  );

  test('without a prompt is refused as empty', async () => {
    await expect(readAll('[]', { format: 'json' })).rejects.toEqual(refused('empty', /no prompt/));
  });

  test('nested without end is refused without being walked', async () => {
    const deep = (levels: number) => `[{"prompt":"x","a":${'['.repeat(levels)}${']'.repeat(levels)}}]`;
    expect(await bodies(deep(60))).toHaveLength(1);
    await expect(readAll(deep(200_000), { format: 'json' })).rejects.toEqual(refused('invalid_json'));
  });
});
