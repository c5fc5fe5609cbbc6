import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Grouping,
  groupBy,
  groupingOf,
  idOf,
  labelOf,
  type UsageGroup,
} from '../../../../dashboard/pages/usage/grouping.ts';
import { placeOf, ranked, seriesOf } from '../../../../dashboard/pages/usage/series.ts';
import { CHARTED, COLUMNS, columnFormat, isMean } from '../../../../dashboard/pages/usage/usage-figures.ts';

const group = (keys: UsageGroup['keys'], own: Partial<UsageGroup> = {}): UsageGroup => ({
  key: null,
  keys,
  requests: 1,
  failed_requests: 0,
  generations: 1,
  failed: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  reasoning_tokens: null,
  cost_usd: null,
  unpriced: 0,
  mean_ttft_ms: null,
  ...own,
});

const BY_MODEL: Grouping = { by: 'model' };
const [tokens] = CHARTED;
const ttft = CHARTED.find(isMean);
if (!tokens || !ttft) throw new Error('tokens and a mean are charted');

test('the address names the grouping, and a comma in a key of metadata is escaped', () => {
  const of = (query: string) => groupingOf(new URLSearchParams(query));
  expect(of('')).toEqual(BY_MODEL);
  expect(of('by=caller')).toEqual({ by: 'caller' });
  expect(groupBy([{ by: 'day' }, of('by=metadata&key=a,b')])).toBe('day,metadata.a\\,b');
});

test('groups without a key of their own have a name of ours, and a key is one line of text', () => {
  const tenant: Grouping = { by: 'metadata', key: 'tenant' };
  const label = (of: UsageGroup, grouping: Grouping = tenant) => labelOf(of, grouping);
  expect(label(group({ 'metadata.tenant': 'acme\n\u202egmbh' }))).toEqual({
    text: 'acme �gmbh',
    isOwn: true,
  });
  expect(label(group({ 'metadata.tenant': null }))).toEqual({ text: 'without tenant', isOwn: false });
  expect(label(group({}, { other: true }))).toEqual({ text: 'all other groups', isOwn: false });
  expect(label(group({ label: null }), { by: 'label' }).text).toBe('no label');
  expect(label(group({ model: null }), BY_MODEL).text).toBe('names erased');
});

test('the groups with the most tokens come first, and the sum of those that are not shown last', () => {
  const groups = [
    group({ model: 'a' }, { completion_tokens: 5 }),
    group({}, { completion_tokens: 99, other: true }),
    group({ model: 'b' }, { prompt_tokens: 7 }),
  ];
  expect(ranked(groups).map((each) => idOf(each, BY_MODEL))).toEqual(['"b"', '"a"', 'other']);
});

test('the series of a sum add up to it, whatever the number of groups', () => {
  const days = ['2026-11-29', '2026-11-30'];
  const used = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 1 }), fc.nat({ max: 1000 })), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(used, (used) => {
      const daily = used.map(([model, day, completion_tokens]) =>
        group({ day: days[day] ?? null, model: `m${model}` }, { completion_tokens }),
      );
      const names = [...new Set(used.map(([model]) => `m${model}`))];
      const groups = ranked(names.map((model) => group({ model })));
      const series = seriesOf(groups, daily, { grouping: BY_MODEL, figure: tokens, days });
      expect(series.length).toBe(Math.min(8, names.length));
      days.forEach((day, at) => {
        const drawn = series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0);
        const all = daily.filter(({ keys }) => keys.day === day);
        expect(drawn).toBe(all.reduce((sum, each) => sum + each.completion_tokens, 0));
      });
    }),
  );
});

test('a mean is not summed, and a day without one is unknown', () => {
  const days = ['2026-11-28', '2026-11-29'];
  const names = Array.from({ length: 12 }, (_, at) => `m${at}`);
  const daily = names.map((model) => group({ day: '2026-11-29', model }, { mean_ttft_ms: 100 }));
  const series = seriesOf(
    names.map((model) => group({ model })),
    daily,
    { grouping: BY_MODEL, figure: ttft, days },
  );
  expect(series).toHaveLength(7);
  for (const { values } of series) expect(values).toEqual([null, 100]);
});

test('eight groups have eight colours, and of more all from the eighth on share one', () => {
  expect([0, 7].map((rank) => placeOf(rank, 8))).toEqual([0, 7]);
  expect([0, 6, 7, 11].map((rank) => placeOf(rank, 12))).toEqual([0, 6, 7, 7]);
});

test('the costs of a column have equally many digits, and an unknown one is a dash', () => {
  const cost = COLUMNS.find(({ name }) => name === 'cost_usd');
  if (!cost) throw new Error('cost is a column');
  const values = [12, 0.0031, null, 0];
  expect(values.map(columnFormat(cost, values))).toEqual(['$12.0000', '$0.0031', '–', '$0.0000']);
  expect([3, 1234.5].map(columnFormat(cost, [3, 1234.5]))).toEqual(['$3.00', '$1,234.50']);
});
