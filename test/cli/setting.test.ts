import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closest } from '../../cli/closest.ts';
import { parseSetting, type Setting, settingText } from '../../cli/setting.ts';

test('a setting is a label and fields by their kinds', () => {
  expect(parseSetting('Top-k 40: top_k=40, top_p=1')).toEqual({ label: 'Top-k 40', top_k: 40, top_p: 1 });
  expect(parseSetting(' a :temperature = .5,logprobs=true , seed=-7 ')).toEqual({
    label: 'a',
    temperature: 0.5,
    logprobs: true,
    seed: -7,
  });
});

test('without a label, the fields are the label', () => {
  expect(parseSetting('top_k=40,  top_p=1')).toEqual({ label: 'top_k=40, top_p=1', top_k: 40, top_p: 1 });
  expect(parseSetting(`stop=${'x'.repeat(200)}`).label).toHaveLength(100);
});

test('a label alone is a setting without fields', () => {
  expect(parseSetting('Baseline:')).toEqual({ label: 'Baseline' });
});

test('a label may contain colons, and a value too', () => {
  expect(parseSetting('llama: 8b: model=ollama/llama3:8b')).toEqual({
    label: 'llama: 8b',
    model: 'ollama/llama3:8b',
  });
});

test('quotes keep what would separate: in labels the equals sign, in values the comma', () => {
  expect(parseSetting('"k=1: low": stop="a, b"')).toEqual({ label: 'k=1: low', stop: ['a, b'] });
  expect(parseSetting('s: stop=["\\n\\n", "END, END"], extra_body={"min_p": 0.1, "a": [1, 2]}')).toEqual({
    label: 's',
    stop: ['\n\n', 'END, END'],
    extra_body: { min_p: 0.1, a: [1, 2] },
  });
});

test.each([
  ['Top-k: topk=40', "there is no field 'topk'; did you mean top_k?"],
  ['temp=1', "there is no field 'temp'; did you mean temperature?"],
  ['a: constructor=1', /^there is no field 'constructor'; fields are model, /],
  ['a: top_k=many', "top_k takes a whole number, not 'many'"],
  ['a: top_k=4.5', "top_k takes a whole number, not '4.5'"],
  ['a: temperature=1e999', "temperature takes a number, not '1e999'"],
  ['a: logprobs=yes', "logprobs takes true or false, not 'yes'"],
  ['a: extra_body=[1]', "extra_body takes an object in JSON, not '[1]'"],
  ['a: top_k=1, top_k=2', 'top_k is there twice'],
  ['a: top_k', "'top_k' has no value; write a setting as 'label: top_k=40, top_p=1'"],
  ['Top-k 40', "'Top-k 40' has no value; write a setting as 'label: top_k=40, top_p=1'"],
  ['', "it has no fields; write a setting as 'label: top_k=40, top_p=1'"],
  [': top_k=1', "it has an empty label; write a setting as 'label: top_k=40'"],
  [`${'x'.repeat(101)}: top_k=1`, 'its label has more than 100 characters'],
])('refuses %j and says why', (text, message) => {
  expect(() => parseSetting(text)).toThrow(message);
});

const label = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => text.length <= 100);
const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const setting: fc.Arbitrary<Setting> = fc.record(
  {
    label,
    model: word,
    top_k: fc.nat(),
    seed: fc.integer(),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
    logprobs: fc.boolean(),
    stop: fc.array(word, { minLength: 1, maxLength: 4 }),
    tool_choice: fc.constantFrom('none', 'auto', 'required'),
    extra_body: fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())),
    ),
  },
  { requiredKeys: ['label'] },
);

test('every setting can be written and is read back the same', () => {
  fc.assert(
    fc.property(setting, (given) => {
      expect(parseSetting(settingText(given))).toEqual(given);
    }),
    { numRuns: 300 },
  );
});

test('any text is a setting or is refused with a reason', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      try {
        expect(parseSetting(text).label).not.toBe('');
      } catch (error) {
        expect((error as Error).name).toBe('CommandError');
        expect((error as Error).message).not.toBe('');
      }
    }),
    { numRuns: 300 },
  );
});

test('the name that was probably meant has the same letters, begins so, or differs by two letters', () => {
  const names = ['top_k', 'top_p', 'temperature', 'max_tokens'];
  expect(
    ['TopK', 'temp', 'temprature', 'maxtoken', 'q', 'zzz', ''].map((name) => closest(name, names)),
  ).toEqual(['top_k', 'temperature', 'temperature', 'max_tokens', undefined, undefined, undefined]);
});
