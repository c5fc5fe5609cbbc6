import { describe, expect, test } from 'vitest';
import { conditionsOf, conditionText, searchInputOf } from '../../../dashboard/search/search-input.ts';

const input = (query: string) => searchInputOf(new URLSearchParams(query));

describe('the search that an address asks for', () => {
  test('is nothing without a text', () => {
    expect(input('')).toBeUndefined();
    expect(input('q=+&model=m')).toBeUndefined();
  });

  test('is ten outputs without conditions, and a hundred with vectors for a map', () => {
    expect(input('q=caches')).toEqual({ query: 'caches', top_k: 10 });
    expect(input('q=caches&view=map')).toEqual({ query: 'caches', top_k: 100, include: ['vectors'] });
    expect(input('q=caches&view=map&top_k=25')?.top_k).toBe(25);
    expect(input('q=caches&top_k=1000')?.top_k).toBe(10);
  });

  test('has each condition under the name of the API, bounds as numbers', () => {
    expect(
      input(
        'q=x&model=m&label=l&run=run_1&since=7d&until=2026-11-30&min_ttft_ms=20&max_cost_usd=0.01&metadata.team=a+b',
      )?.filter,
    ).toEqual({
      model: 'm',
      label: 'l',
      run_id: 'run_1',
      since: '7d',
      until: '2026-11-30',
      min_ttft_ms: 20,
      max_cost_usd: 0.01,
      'metadata.team': 'a b',
    });
  });

  test('leaves out what it does not know, and lets the API refuse what is no number', () => {
    expect(input('q=x&metadata.=a&colour=red&model=')).toEqual({ query: 'x', top_k: 10 });
    expect(input('q=x&min_tokens=many')?.filter).toEqual({ min_tokens: 'many' });
  });

  test('is said in words', () => {
    const words = conditionsOf(
      new URLSearchParams('metadata.team=a&max_cost_usd=0.5&min_ttft_ms=20&min_tokens=3&label=short'),
    ).map(conditionText);
    expect(words).toEqual(['label: short', 'First token ≥ 20 ms', 'Tokens ≥ 3', 'Cost ≤ $0.5', 'team = a']);
  });
});
