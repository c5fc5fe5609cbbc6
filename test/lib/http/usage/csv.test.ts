import { expect, test } from 'vitest';
import { usageTable } from '../../../../lib/http/usage/csv.ts';
import type { UsageGroup } from '../../../../lib/usage/groups.ts';

const figures = {
  requests: 2,
  failed_requests: 1,
  generations: 3,
  failed: 0,
  prompt_tokens: 10,
  completion_tokens: 20,
  reasoning_tokens: null,
  cost_usd: 0.0000253,
  unpriced: 1,
  mean_ttft_ms: 142.25,
};
const HEADER =
  'requests,failed_requests,generations,failed,prompt_tokens,completion_tokens,reasoning_tokens,cost_usd,unpriced,mean_ttft_ms,other,truncated';

test('a table of usage has a row for each group, with its keys first and no formula in them', () => {
  const groups: UsageGroup[] = [
    { key: null, keys: { day: '2026-11-22', label: '=cmd()' }, ...figures },
    { key: null, keys: { day: null, label: null }, ...figures, cost_usd: null, other: true },
  ];
  const table = usageTable({ groups, total: figures, truncated: false }, [{ by: 'day' }, { by: 'label' }]);
  expect(table.split('\r\n')).toEqual([
    `day,label,${HEADER}`,
    "2026-11-22,'=cmd(),2,1,3,0,10,20,,0.0000253,1,142.25,false,false",
    ',,2,1,3,0,10,20,,,1,142.25,true,false',
    '',
  ]);
});

test('without a grouping it has one row, that of the total', () => {
  expect(usageTable({ groups: [], total: figures, truncated: true }, []).split('\r\n')).toEqual([
    HEADER,
    '2,1,3,0,10,20,,0.0000253,1,142.25,false,true',
    '',
  ]);
});
