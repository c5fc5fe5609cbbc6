import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOfKey, parsePromptFile } from '../../../lib/prompts/parse-prompt-file.ts';

const bytes = (text: string) => Buffer.from(text);
const refused = (code: string) => expect.objectContaining({ name: 'InvalidInputError', code });

describe('a .txt file', () => {
  test('is one prompt, with its lines, without white space around it', () => {
    expect(parsePromptFile(bytes('  Explain this.\n\nAnd that. \n'), 'text')).toEqual([
      { line: 1, occurrence: 0, body: { prompt: 'Explain this.\n\nAnd that.' } },
    ]);
  });

  test('may have CRLF and a byte order mark, and is the same prompt', () => {
    expect(parsePromptFile(bytes('\uFEFFone\r\ntwo\r\n'), 'text')).toEqual(
      parsePromptFile(bytes('one\ntwo'), 'text'),
    );
  });
});

describe('a .json file', () => {
  test('is one run request, or an array of them, each line as it stands', () => {
    expect(parsePromptFile(bytes('{"prompt":"one","top_k":40}'), 'json')).toEqual([
      { line: 1, occurrence: 0, body: { prompt: 'one', top_k: 40 } },
    ]);
    expect(
      parsePromptFile(bytes('\uFEFF[{"prompt":"one"},\r\n7,null,"x",{"nonsense":true}]'), 'json').map(
        ({ line, body }) => [line, body],
      ),
    ).toEqual([
      [1, { prompt: 'one' }],
      [2, 7],
      [3, null],
      [4, 'x'],
      [5, { nonsense: true }],
    ]);
  });

  test('counts equal lines, whatever the order of their keys', () => {
    const lines = parsePromptFile(
      bytes(
        '[{"prompt":"a","seed":1},{"prompt":"b"},{"seed":1,"prompt":"a"},{"prompt":"a","seed":2},{"prompt":"a","seed":1}]',
      ),
      'json',
    );
    expect(lines.map(({ occurrence }) => occurrence)).toEqual([0, 0, 1, 0, 2]);
  });

  test('holds 250 prompts and no more', () => {
    const of = (count: number) => bytes(JSON.stringify(Array(count).fill({ prompt: 'x' })));
    expect(parsePromptFile(of(250), 'json')).toHaveLength(250);
    expect(() => parsePromptFile(of(251), 'json')).toThrow(refused('too_many_prompts'));
  });

  test.each(['{"prompt":', 'prompt: x', '{"a":1}{"b":2}'])('that reads %j is no JSON', (text) => {
    expect(() => parsePromptFile(bytes(text), 'json')).toThrow(refused('invalid_json'));
  });

  test('nested without end is refused, not walked', () => {
    const deep = (levels: number) =>
      bytes(`[{"prompt":"x","extra_body":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}]`);
    expect(parsePromptFile(deep(60), 'json')).toHaveLength(1);
    expect(() => parsePromptFile(deep(200_000), 'json')).toThrow(refused('invalid_json'));
  });

  test('with no prompt in it is empty', () => {
    expect(() => parsePromptFile(bytes('[]'), 'json')).toThrow(refused('empty'));
  });
});

test.each(['', '  \r\n', '\uFEFF', '\uFEFF\n'])('a file that reads %j is empty', (text) => {
  for (const format of ['text', 'json'] as const)
    expect(() => parsePromptFile(bytes(text), format)).toThrow(refused('empty'));
});

test.each([
  ['Latin-1', [0x66, 0xfc, 0x72]],
  ['UTF-16', [0xff, 0xfe, 0x61, 0x00]],
  ['a mislabelled gzip', [0x1f, 0x8b, 0x08, 0x00, 0x9d]],
  ['a cut character', [0x61, 0xe6, 0xbc]],
])('%s is not UTF-8', (_, raw) => {
  for (const format of ['text', 'json'] as const) {
    expect(() => parsePromptFile(Uint8Array.from(raw), format)).toThrow(refused('bad_encoding'));
  }
});

test('arbitrary bytes give lines or an InvalidInputError, never anything else', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array(), fc.json().map(bytes)),
      fc.constantFrom('text' as const, 'json' as const),
      (raw, format) => {
        try {
          expect(parsePromptFile(raw, format).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidInputError' });
        }
      },
    ),
    { numRuns: 200 },
  );
});

test.each([
  ['prompts/a.txt', 'text'],
  ['prompts/A.TXT', 'text'],
  ['prompts/a.b.json', 'json'],
  ['prompts/a.json.defaults.json', undefined],
  ['prompts/a.jsonl', 'unserved'],
  ['prompts/a.csv', 'unserved'],
  ['prompts/a.md', 'unserved'],
  ['prompts/a.pdf', undefined],
  ['prompts/folder/', undefined],
  ['prompts/txt', undefined],
])('%s is of format %s', (key, format) => {
  expect(formatOfKey(key)).toBe(format);
});
