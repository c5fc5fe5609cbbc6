import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../lib/errors.ts';
import { parseUsageQuery } from '../../../lib/usage/query.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const parse = (query: string) => parseUsageQuery(new URLSearchParams(query), NOW);

describe('parseUsageQuery', () => {
  test('defaults to the 7 days before now, or before until', () => {
    expect(parse('')).toEqual({
      since: '2026-11-15T12:00:00.000Z',
      until: '2026-11-22T12:00:00.000Z',
      groupBy: [],
      caller: null,
      format: 'json',
    });
    expect(parse('until=2026-11-10')).toMatchObject({
      since: '2026-11-04T00:00:00.000Z',
      until: '2026-11-11T00:00:00.000Z',
    });
    expect(parse('since=2026-11-20')).toMatchObject({
      since: '2026-11-20T00:00:00.000Z',
      until: '2026-11-22T12:00:00.000Z',
    });
  });

  test('accepts 400 whole days and not one more', () => {
    expect(parse('since=2025-09-27&until=2026-10-31').until).toBe('2026-11-01T00:00:00.000Z');
    expect(() => parse('since=2025-09-27&until=2026-11-01')).toThrow(/since: must be at most 400 days/);
  });

  test('reads the grouping', () => {
    expect(parse('group_by=day').groupBy).toEqual([{ by: 'day' }]);
    expect(parse('group_by=metadata.team.eu').groupBy).toEqual([{ by: 'metadata', key: 'team.eu' }]);
    expect(parse('group_by=day,metadata.a\\,b').groupBy).toEqual([
      { by: 'day' },
      { by: 'metadata', key: 'a,b' },
    ]);
  });

  test.each([
    'group_by=caller',
    'group_by=metadata.',
    'group_by=day,model,label',
    'group_by=day,day',
    'group_by=day,',
    'format=xml',
    'caller=team',
    'group_by=',
    'since=2026-11-23',
    'until=then',
    'limit=5',
  ])('refuses %s by name', (query) => {
    expect(() => parse(query)).toThrow(InvalidInputError);
    expect(() => parse(query)).toThrow(`${query.split('=')[0]}: `);
  });
});

describe('for an operator', () => {
  const ask = (query: string) =>
    parseUsageQuery(new URLSearchParams(query), NOW, { operator: true, usageKeys: ['team'] });

  test('it reads a caller, and the keys of metadata that the operator named', () => {
    expect(ask('caller=docs&group_by=caller,metadata.team')).toMatchObject({
      caller: 'docs',
      groupBy: [{ by: 'caller' }, { by: 'metadata', key: 'team' }],
    });
  });

  test.each(['group_by=label', 'group_by=day,metadata.name'])(
    'it refuses the words of callers: %s',
    (query) => {
      expect(() => ask(query)).toThrow(/group_by: .* is written by callers/);
    },
  );
});
