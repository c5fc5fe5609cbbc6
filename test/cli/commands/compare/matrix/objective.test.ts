import { expect, test } from 'vitest';
import { parseObjective } from '../../../../../cli/commands/compare/matrix/objective.ts';

test('objectives are in milliseconds, or in the unit that they name', () => {
  expect(parseObjective('ttft<=500ms')).toEqual({ max_ttft_ms: 500 });
  expect(parseObjective(' tpot_ms <= 12.5 ')).toEqual({ max_tpot_ms: 12.5 });
  expect(parseObjective('e2e<3s')).toEqual({ max_e2e_ms: 3000 });
});

test.each(['ttft', 'ttft>=5', 'speed<=5', 'ttft<=0', 'ttft<=5m', ''])('%j is no objective', (text) => {
  expect(() => parseObjective(text)).toThrow(/it takes ttft, tpot or e2e/);
});
