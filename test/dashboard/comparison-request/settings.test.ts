import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  FIELDS,
  MAX_SETTINGS,
  productRows,
  productSize,
  rowOf,
  type Setting,
  settingOf,
  valuesIn,
} from '../../../dashboard/comparison-request/settings.ts';

const word = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => valuesIn(text).length > 0);
const dimensions = fc
  .uniqueArray(fc.constantFrom(...FIELDS.map(({ name }) => name)), { maxLength: 4 })
  .chain((fields) =>
    fc.tuple(
      ...fields.map((field) =>
        fc.array(word, { maxLength: 4 }).map((values) => ({ field, values: values.join(',') })),
      ),
    ),
  );

test('a matrix has every combination of its values once, each with a label of its own that the API takes', () => {
  fc.assert(
    fc.property(dimensions, (given) => {
      const rows = productRows(given);
      expect(rows.length).toBe(Math.min(MAX_SETTINGS, productSize(given)));
      expect(new Set(rows.map(({ label }) => label)).size).toBe(rows.length);
      expect(new Set(rows.map(({ fields }) => JSON.stringify(fields))).size).toBe(rows.length);
      for (const { label } of rows) {
        expect(label.length).toBeGreaterThan(0);
        expect(label.length).toBeLessThanOrEqual(100);
        expect(label.isWellFormed()).toBe(true);
      }
    }),
  );
});

test('a matrix changes its last field fastest, and leaves out a field whose value is default', () => {
  const rows = productRows([
    { field: 'model', values: 'a, b' },
    { field: 'temperature', values: '0.2,\n default, 0.2' },
    { field: 'seed', values: ' ' },
  ]);
  expect(rows.map(settingOf)).toEqual([
    { label: 'a · temperature 0.2', model: 'a', temperature: 0.2 },
    { label: 'a · temperature default', model: 'a' },
    { label: 'b · temperature 0.2', model: 'b', temperature: 0.2 },
    { label: 'b · temperature default', model: 'b' },
  ]);
  expect(productRows([])).toEqual([]);
});

test('a setting that becomes a row and a setting again is the same', () => {
  const setting = fc.record(
    {
      label: fc.string({ minLength: 1 }).map((text) => text.trim() || 'A'),
      model: fc.string({ minLength: 1 }).filter((text) => text.trim() === text),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
      top_k: fc.integer({ min: 1 }),
      stop: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }),
      logprobs: fc.boolean(),
    },
    { requiredKeys: ['label'] },
  );
  fc.assert(
    fc.property(setting, (given) => {
      expect(settingOf(rowOf(given as Setting))).toEqual(given);
    }),
  );
});

test('a number that cannot be read is sent as it was typed, so that the API names its field', () => {
  expect(settingOf({ label: 'A', fields: { temperature: 'warm', top_k: ' 40 ' }, other: '' })).toEqual({
    label: 'A',
    temperature: 'warm',
    top_k: 40,
  });
  expect(() => settingOf({ label: 'A', fields: {}, other: '[1]' })).toThrow('no JSON object');
});
