import fc from 'fast-check';
import { expect, test } from 'vitest';
import { densityOf } from '../../../report/charts/density.ts';
import { rowChart } from '../../../report/charts/row-chart.ts';
import { document } from './drawing-document.ts';

test('two clusters are two hills with a valley between them', () => {
  const around = (middle: number) =>
    Array.from({ length: 300 }, (_, at) => middle + ((at * 7919) % 100) / 10 - 5);
  const density = densityOf([...around(100), ...around(200)], false);
  const at = (value: number) => density.find((point) => point.value >= value)?.share ?? 0;
  expect(at(100)).toBeGreaterThan(0.5);
  expect(at(200)).toBeGreaterThan(0.5);
  expect(at(150)).toBeLessThan(0.5);
});

test('it runs from the least to the greatest value, between 0 and its highest, 1', () => {
  const values = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.boolean(), (values, isLogarithmic) => {
      const density = densityOf(values, isLogarithmic);
      const [least, most] = [Math.min(...values), Math.max(...values)];
      expect((density[0]?.value ?? 0) / least).toBeCloseTo(1, 6);
      expect((density.at(-1)?.value ?? 0) / most).toBeCloseTo(1, 6);
      expect(Math.max(...density.map(({ share }) => share))).toBe(1);
      expect(density.every(({ share }) => share >= 0)).toBe(true);
    }),
  );
});

test('from 400 values on a row has their density, and dots at its ends alone', () => {
  const chartOf = (n: number) =>
    rowChart(
      {
        rows: [
          {
            label: 'Focused',
            at: 0,
            values: Array.from({ length: n }, (_, at) => 100 + (at % 97)),
            middle: 148,
            interval: null,
            text: '',
            note: '',
          },
        ],
        description: 'times',
        format: String,
      },
      { document, width: 800 },
    );
  expect(chartOf(399).querySelectorAll('circle[r="2"]').length).toBe(399);
  expect(chartOf(2000).querySelectorAll('circle[r="2"]').length).toBe(16);
});
