import { expect, test } from 'vitest';
import { storedView } from '../../../lib/comparisons/stored-view.ts';

test('a stored answer without the fields that came later is read with them empty', () => {
  const spread = { n: 1, mean: 2, p50: 2 };
  const stored = {
    settings: [
      {
        label: 'A',
        n: 1,
        failed: 2,
        ttft_ms: spread,
        tpot_ms: spread,
        e2e_ms: spread,
        tokens_per_second: spread,
      },
    ],
    differences: [{ a: 'A', b: 'B', figure: 'ttft_ms', n: 6, left_out: 2, difference: 3, clear: true }],
  };
  const view = storedView(JSON.stringify(stored));
  expect(view).toMatchObject({ name: null, verdict: null });
  expect(view.settings[0]).toMatchObject({ failed: 2, errors: {}, same_as: null, uncertain: { e2e_ms: 0 } });
  expect(view.differences[0]).toMatchObject({ difference: 3, p: null, left_out_by: { unknown: 2 } });
});
