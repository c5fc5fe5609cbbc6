import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError, UpstreamError } from '../../../../lib/errors.ts';
import { searchAnswerSchema } from '../../../../lib/http/search/openapi.ts';
import { parseSearchBody } from '../../../../lib/http/search/routes.ts';
import { makeApi, post, problemIn } from '../apps.ts';

const pathsOf = (body: unknown) => {
  try {
    return parseSearchBody(body);
  } catch (error) {
    return error instanceof InvalidInputError ? error.issues.map(({ path }) => path) : error;
  }
};

describe('parseSearchBody', () => {
  test('asks for ten outputs by default; null means absent', () => {
    const plain = { query: 'similarity search', topK: 10, filter: {} };
    expect(parseSearchBody({ query: 'similarity search' })).toEqual(plain);
    expect(parseSearchBody({ query: 'similarity search', top_k: null, filter: null })).toEqual(plain);
    expect(
      parseSearchBody({
        query: 'similarity search',
        filter: { model: null, 'metadata.team': null, max_tokens: null },
      }),
    ).toEqual(plain);
  });

  test('reads every filter', () => {
    const filter = {
      model: 'm',
      label: 'Top-k 40',
      run_id: 'run_0',
      since: '2026-11-22',
      until: '2026-11-22T14:00:00+02:00',
      min_tokens: 10,
      max_tokens: 100,
      max_ttft_ms: 1,
      min_tpot_ms: 2,
      max_e2e_ms: 3,
      max_seconds_per_token: 0.5,
      max_cost_usd: 0,
      'metadata.team': 'docs',
    };
    expect(
      parseSearchBody({ query: 'x', top_k: 100, filter: { ...filter, 'metadata.absent': null } }),
    ).toEqual({
      query: 'x',
      topK: 100,
      filter: {
        model: 'm',
        label: 'Top-k 40',
        runId: 'run_0',
        since: Date.parse('2026-11-22T00:00:00Z'),
        until: Date.parse('2026-11-22T12:00:00Z'),
        min: { tokens: 10, tpot_ms: 2 },
        max: { tokens: 100, ttft_ms: 1, e2e_ms: 3, seconds_per_token: 0.5, cost_usd: 0 },
        metadata: { team: 'docs' },
      },
    });
  });

  test('includes vectors only when they are asked for', () => {
    expect(parseSearchBody({ query: 'x', include: ['vectors'] })).toMatchObject({ includesVectors: true });
    expect(parseSearchBody({ query: 'x', include: [] })).not.toHaveProperty('includesVectors');
  });

  test.each([
    [[], ['']],
    ['text', ['']],
    [null, ['']],
    [{}, ['query']],
    [{ query: '' }, ['query']],
    [{ query: ' \n' }, ['query']],
    [{ query: 'é'.repeat(4_001) }, ['query']],
    [{ query: '\ud800' }, ['query']],
    [{ query: 5 }, ['query']],
    [{ query: 'x', top_k: 0 }, ['top_k']],
    [{ query: 'x', top_k: 101 }, ['top_k']],
    [{ query: 'x', top_k: 2.5 }, ['top_k']],
    [{ query: 'x', colour: 'red' }, ['colour']],
    [{ query: 'x', filter: [] }, ['filter']],
    [{ query: 'x', filter: { colour: 'red', max_length: 5 } }, ['filter.colour', 'filter.max_length']],
    [{ query: 'x', filter: { max_e2e_ms: '5' } }, ['filter.max_e2e_ms']],
    [{ query: 'x', filter: { since: 'yesterday' } }, ['filter.since']],
    [{ query: 'x', filter: { 'metadata.team': 5 } }, ['filter.metadata.team']],
    [{ query: 'x', filter: { 'metadata.': 'x' } }, ['filter.metadata.']],
    [{ query: 'x', include: 'vectors' }, ['include']],
    [{ query: 'x', include: ['texts'] }, ['include.0']],
  ])('refuses %j, naming %j', (body, paths) => expect(pathsOf(body)).toEqual(paths));

  test('accepts 8,000 bytes', () =>
    expect(parseSearchBody({ query: 'é'.repeat(4_000) }).query).toHaveLength(4_000));

  test('refuses __proto__ keys', () => {
    expect(pathsOf(JSON.parse('{"query":"x","__proto__":{"top_k":5}}'))).toEqual(['__proto__']);
    expect(pathsOf(JSON.parse('{"query":"x","filter":{"__proto__":{"model":"m"}}}'))).toEqual([
      'filter.__proto__',
    ]);
  });

  test('turns any JSON into a search or an InvalidInputError', () => {
    const almost = fc.record(
      {
        query: fc.oneof(fc.string(), fc.jsonValue()),
        top_k: fc.jsonValue(),
        filter: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(almost, fc.jsonValue()), (body) => {
        try {
          expect(parseSearchBody(body).topK).toBeLessThanOrEqual(100);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('search', () => {
  test('answers with the outputs found', async () => {
    const { app, searched } = makeApi();
    const response = await app.request('/search', post({ query: 'similarity', filter: { max_e2e_ms: 900 } }));
    expect(searchAnswerSchema.parse(await response.json()).data).toHaveLength(1);
    expect(searched).toEqual([{ query: 'similarity', topK: 10, filter: { max: { e2e_ms: 900 } } }]);
  });

  test('answers 400 for a blank query and 502 when the index fails', async () => {
    expect(await problemIn(await makeApi().app.request('/search', post({ query: ' ' })))).toMatchObject({
      status: 400,
      errors: [{ path: 'query' }],
    });
    const search = async () => {
      throw new UpstreamError('pinecone', 'the index answered 500');
    };
    const { app, log } = makeApi({ search });
    expect(await problemIn(await app.request('/search', post({ query: 'x' })))).toMatchObject({
      status: 502,
      code: 'upstream_error',
    });
    expect(log.lines).toMatchObject([{ event: 'http.failed', path: '/search', code: 'upstream_error' }]);
  });
});
