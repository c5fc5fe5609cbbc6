import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lifeOf, orderRows, samplingOf } from '../../../lib/sampling/catalogue.ts';
import type { CatalogueRow } from '../../../lib/sampling/catalogue-row.ts';
import { makeServer, type ServerKind } from '../../../lib/sampling/server.ts';

const OPENAI = 'https://api.openai.com/v1';
const SOMEWHERE = 'http://127.0.0.1:8000/v1';

test.each([
  [OPENAI, 'gpt-6-luna', 'refused', 'max_completion_tokens', 'applied'],
  ['https://eu.api.openai.com/v1', 'gpt-4o', 'refused', 'max_completion_tokens', 'applied'],
  ['https://api.groq.com/openai/v1', 'llama-3.3-70b', 'refused', 'max_tokens', 'unknown'],
  ['https://openrouter.ai/api/v1', 'openai/gpt-6-luna', 'unknown', 'max_tokens', 'unknown'],
  ['https://api.together.xyz/v1', 'meta-llama/Llama-3.3', 'applied', 'max_tokens', 'unknown'],
  [SOMEWHERE, 'everytoken-ngram', 'applied', 'max_tokens', 'applied'],
  [SOMEWHERE, 'gpt-6-luna', 'unknown', 'max_tokens', 'unknown'],
  ['https://api.groq.com.example.net/v1', 'llama', 'unknown', 'max_tokens', 'unknown'],
])(
  '%s for %s: top_k is %s, the token limit is %s, include_usage is %s',
  (url, model, top_k, token_limit, include_usage) => {
    expect(samplingOf(makeServer(url), model)).toMatchObject({ top_k, token_limit, include_usage });
  },
);

test.each<[ServerKind, string]>([
  ['vllm', 'applied'],
  ['llama.cpp', 'applied'],
  ['ollama', 'dropped'],
  ['everytoken', 'applied'],
  ['other', 'unknown'],
])('a server configured as %s has top_k %s at any address', (kind, top_k) => {
  expect(samplingOf(makeServer(SOMEWHERE, { kind }), 'm').top_k).toBe(top_k);
});

test.each([
  ['gpt-4o-2024-11-20', 'always', 'unknown'],
  ['gpt-4o-mini', 'always', 'refused'],
  ['gpt-4.1-nano', 'always', 'unknown'],
  ['o3', 'never', 'unknown'],
  ['gpt-5-mini', 'never', 'unknown'],
  ['gpt-6-astra', 'never', 'unknown'],
  ['gpt-5.4', 'at_effort_none', 'applied'],
  ['gpt-6-luna', 'at_effort_none', 'applied'],
  ['gpt-7-unheard-of', 'unknown', 'unknown'],
])("OpenAI's %s: temperature and top_p are accepted %s, reasoning_effort is %s", (model, when, effort) => {
  expect(samplingOf(makeServer(OPENAI), model)).toMatchObject({
    temperature: when,
    top_p: when,
    reasoning_effort: effort,
  });
});

describe("the end of a model's life", () => {
  test.each([
    [OPENAI, 'gpt-4o', '2027-01-14', null, null],
    [OPENAI, 'gpt-5-nano', '2026-12-11', null, null],
    [OPENAI, 'text-davinci-003', '2024-01-04', '2024-01-04', 'gpt-6-luna'],
    [OPENAI, 'gpt-6-luna', null, null, null],
    [SOMEWHERE, 'text-davinci-003', '2024-01-04', '2024-01-04', 'gpt-6-luna'],
    ['https://api.groq.com/openai/v1', 'ada', null, null, null],
  ])(
    'at %s for %s: shutdown %s, retired %s, replacement %s',
    (url, model, shutdown_date, retired_on, replacement) => {
      expect(lifeOf(makeServer(url), model)).toEqual({ shutdown_date, retired_on, replacement });
    },
  );

  test('can be overridden by the operator, to none as well', () => {
    const rows: CatalogueRow[] = [
      { pattern: 'ada', overrides: { retired_on: null, shutdown_date: null, replacement: null } },
      { pattern: 'old', overrides: { retired_on: '2026-11-01', replacement: 'new' } },
    ];
    const server = makeServer(SOMEWHERE, { rows });
    expect(lifeOf(server, 'ada')).toEqual({ shutdown_date: null, retired_on: null, replacement: null });
    expect(lifeOf(server, 'old')).toMatchObject({ retired_on: '2026-11-01', replacement: 'new' });
  });
});

describe("an operator's override", () => {
  test('wins over the built-in catalogue, field by field', () => {
    const rows: CatalogueRow[] = [
      { pattern: '*', overrides: { top_k: 'dropped', extra: { min_p: 'applied', typical_p: 'dropped' } } },
      { pattern: 'llama-*', overrides: { top_k: 'applied', extra: { typical_p: 'refused' } } },
      { pattern: 'llama-3', overrides: { temperature: 'never' } },
    ];
    const server = makeServer(SOMEWHERE, { rows: orderRows(rows) });
    expect(samplingOf(server, 'mistral')).toMatchObject({ top_k: 'dropped', temperature: 'unknown' });
    expect(samplingOf(server, 'llama-3')).toMatchObject({
      top_k: 'applied',
      temperature: 'never',
      extra: { min_p: 'applied', typical_p: 'refused' },
    });
    expect(samplingOf(server, 'llama-3-70b').temperature).toBe('unknown');
  });

  test('has the more precedence the more specific its pattern, in any order of rows', () => {
    const patterns = ['*', 'a*', 'ab*', 'abc*', 'abc'];
    const rows = patterns.map((pattern): CatalogueRow => ({ pattern, overrides: { replacement: pattern } }));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(rows, { minLength: 1 }),
        fc.constantFrom('abc', 'abcd', 'ab', 'b'),
        (some, model) => {
          const matching = some
            .map(({ pattern }) => pattern)
            .filter((pattern) =>
              pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model,
            )
            .sort((a, b) => patterns.indexOf(a) - patterns.indexOf(b));
          const { replacement } = lifeOf(makeServer(SOMEWHERE, { rows: orderRows(some) }), model);
          expect(replacement).toBe(matching.at(-1) ?? null);
        },
      ),
      { numRuns: 100 },
    );
  });
});
