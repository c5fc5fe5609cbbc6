import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countMore,
  filtersOf,
  metadataChanges,
  metadataText,
  nextSort,
  noFilters,
  runQueryOf,
} from '../../../dashboard/pages/runs/run-query.ts';

describe('the query of the list of runs', () => {
  test('takes filters and order from the address, and nothing else', () => {
    const address = new URLSearchParams(
      'status=failed&metadata.team=docs&min_ttft_ms=200&sort=-tokens&follow=off&format=csv&limit=9&model=',
    );
    expect(runQueryOf(address)).toEqual({
      status: 'failed',
      'metadata.team': 'docs',
      min_ttft_ms: '200',
      sort: '-tokens',
    });
    expect(filtersOf(address)).not.toHaveProperty('sort');
    expect(countMore(address)).toBe(2);
    expect(noFilters(address)).toEqual({
      status: null,
      'metadata.team': null,
      min_ttft_ms: null,
      model: null,
    });
  });

  test('sorts by the greatest first, then the least, then newest first again', () => {
    expect(nextSort('tokens', null)).toBe('-tokens');
    expect(nextSort('tokens', '-tokens')).toBe('tokens');
    expect(nextSort('tokens', 'tokens')).toBeNull();
    expect(nextSort('created_at', null)).toBe('created_at');
    expect(nextSort('created_at', 'created_at')).toBeNull();
  });

  test('reads metadata as they are written, whatever keys and values hold but commas', () => {
    const word = fc
      .string({ minLength: 1 })
      .map((text) => text.replaceAll(',', '').trim())
      .filter((text) => text !== '');
    const key = word.map((text) => text.replaceAll('=', '').trim()).filter((text) => text !== '');
    fc.assert(
      fc.property(fc.dictionary(key, word), (metadata) => {
        const address = new URLSearchParams(
          Object.entries(metadata).map(([name, value]): [string, string] => [`metadata.${name}`, value]),
        );
        const changes = metadataChanges(metadataText(address), new URLSearchParams());
        expect(new Map(Object.entries(changes ?? {}))).toEqual(new Map(address));
      }),
    );
  });

  test('clears the metadata that a new text does not name, and refuses a text without a value', () => {
    const address = new URLSearchParams('metadata.team=docs&metadata.ticket=1');
    expect(metadataChanges('team=web', address)).toEqual({ 'metadata.team': 'web', 'metadata.ticket': null });
    expect(metadataChanges('', address)).toEqual({ 'metadata.team': null, 'metadata.ticket': null });
    expect(metadataChanges('team', address)).toBeUndefined();
  });
});
