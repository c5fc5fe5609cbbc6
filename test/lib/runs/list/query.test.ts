import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors.ts';
import { parseRunQuery } from '../../../../lib/runs/list/query.ts';

const parse = (query: string) => parseRunQuery(new URLSearchParams(query), 'team');
const issuesOf = (query: string) => {
  try {
    parse(query);
    return 'accepted';
  } catch (error) {
    return error instanceof InvalidInputError ? error.issues.map(({ path }) => path) : error;
  }
};

describe('parseRunQuery', () => {
  test('defaults to the newest 20', () => expect(parse('')).toEqual({ caller: 'team', limit: 20 }));

  test('reads every parameter, instants in UTC', () => {
    const query =
      'limit=100&cursor=abc&status=failed&model=m&label=Top-k%2040&file=file_1&metadata.team=docs&metadata.a.b=c' +
      '&since=2026-11-01&until=2026-11-22T13:00:00%2B02:00';
    expect(parse(query)).toEqual({
      caller: 'team',
      limit: 100,
      cursor: 'abc',
      status: 'failed',
      model: 'm',
      label: 'Top-k 40',
      file: 'file_1',
      metadata: { team: 'docs', 'a.b': 'c' },
      since: '2026-11-01T00:00:00.000Z',
      until: '2026-11-22T11:00:00.000Z',
    });
  });

  test('reads bounds of figures, and an order', () => {
    const query = 'min_ttft_ms=250&max_ttft_ms=1e3&max_cost_usd=2e-7&min_tokens=0.5&sort=-e2e_ms';
    expect(parse(query.replace('1e3', '1000'))).toEqual({
      caller: 'team',
      limit: 20,
      bounds: { ttft_ms: { min: 250, max: 1000 }, cost_usd: { max: 0.0000002 }, tokens: { min: 0.5 } },
      sort: { by: 'e2e_ms', descending: true },
    });
    expect(parse('sort=tokens').sort).toEqual({ by: 'tokens', descending: false });
    expect(parse('sort=created_at').sort).toEqual({ by: 'created_at', descending: false });
    expect(parse('sort=-created_at')).toEqual(parse(''));
  });

  test('reads a date in until as the end of that day', () => {
    expect(parse('since=2026-11-22&until=2026-11-22')).toMatchObject({
      since: '2026-11-22T00:00:00.000Z',
      until: '2026-11-23T00:00:00.000Z',
    });
  });

  test('accepts years of four digits alone', () => {
    expect(parse('until=9999-12-31').until).toBe('9999-12-31T23:59:59.999Z');
  });

  test.each([
    ['limit=0', ['limit']],
    ['limit=101', ['limit']],
    ['limit=1.5', ['limit']],
    ['limit=', ['limit']],
    ['limit=1e1', ['limit']],
    ['status=finished', ['status']],
    ['since=yesterday', ['since']],
    ['since=2026-02-30', ['since']],
    ['since=2026-11-22T13:00:00', ['since']],
    ['since=2026-11-22T25:00:00Z', ['since']],
    ['since=0000-01-01T00:00:00%2B01:00', ['since']],
    ['since=2026-11-23&until=2026-11-22', ['since']],
    ['metadata.=x', ['metadata.']],
    [`metadata.${'k'.repeat(65)}=x`, [`metadata.${'k'.repeat(65)}`]],
    ['model=', ['model']],
    ['colour=red&shade=dark', ['colour', 'shade']],
    ['format=jsonl', ['format']],
    ['limit=0&status=x', ['limit', 'status']],
    ['min_ttft_ms=-1', ['min_ttft_ms']],
    ['max_cost_usd=cheap', ['max_cost_usd']],
    ['max_tokens=', ['max_tokens']],
    ['min_e2e_ms=Infinity', ['min_e2e_ms']],
    ['min_tpot_ms=3&max_tpot_ms=2', ['min_tpot_ms']],
    ['min_longest_gap_ms=3', ['min_longest_gap_ms']],
    ['sort=speed', ['sort']],
    ['sort=--tokens', ['sort']],
    ['label=a&label=b', ['label']],
  ])('refuses %s, naming it', (query, paths) => expect(issuesOf(query)).toEqual(paths));

  test('treats __proto__ as any other key', () => {
    expect(Object.entries(parse('metadata.__proto__=x').metadata ?? {})).toEqual([['__proto__', 'x']]);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  test('turns any parameters into a query within the limits or an InvalidInputError', () => {
    const name = fc.oneof(
      fc.constantFrom(
        'limit',
        'cursor',
        'status',
        'model',
        'label',
        'since',
        'until',
        'file',
        'format',
        'metadata.k',
      ),
      fc.string(),
    );
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('1', '20', '2026-11-22', 'completed', '+002026-11-22'),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (parameters) => {
        try {
          const query = parseRunQuery(parameters, 'team');
          expect(query.limit).toBeGreaterThanOrEqual(1);
          expect(query.limit).toBeLessThanOrEqual(100);
          for (const instant of [query.since, query.until]) {
            if (instant !== undefined) expect(instant).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
