import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samplingOf } from '../../../lib/sampling/catalogue.ts';
import { type CatalogueRow, TAKES, WHEN_TAKEN } from '../../../lib/sampling/catalogue-row.ts';
import { rememberRefusal } from '../../../lib/sampling/refusals.ts';
import { makeServer, SERVER_KINDS } from '../../../lib/sampling/server.ts';
import type { Setting } from '../../../lib/sampling/setting.ts';
import { upstreamBody } from '../../../lib/sampling/upstream-body.ts';

const SOMEWHERE = 'http://127.0.0.1:8000/v1';
const read = (setting: Partial<Setting>, server = makeServer(SOMEWHERE)) =>
  upstreamBody({ label: 'default', model: 'llama3', maxTokens: 100, ...setting }, server);

describe('top_k', () => {
  test('is effective on a server that is known to apply it', () => {
    for (const kind of ['vllm', 'llama.cpp', 'together', 'everytoken'] as const) {
      const { sampling, notApplied } = read({ topK: 40 }, makeServer(SOMEWHERE, { kind }));
      expect(sampling).toMatchObject({ sent: { top_k: 40 }, effective: { top_k: 40 }, warnings: [] });
      expect(notApplied).toEqual([]);
    }
  });

  test('is not sent to a server that ignores it, and the report says so', () => {
    const { body, sampling, notApplied } = read({ topK: 40 }, makeServer(SOMEWHERE, { kind: 'ollama' }));
    const reason = 'top_k is accepted but not applied by Ollama';
    expect(body).not.toHaveProperty('top_k');
    expect(sampling).toMatchObject({ effective: { top_k: null }, warnings: [reason] });
    expect(notApplied).toEqual([{ field: 'top_k', reason }]);
  });

  test('is not sent to Groq, which refuses it', () => {
    const { body, notApplied } = read({ topK: 40 }, makeServer('https://api.groq.com/openai/v1'));
    expect(body).not.toHaveProperty('top_k');
    expect(notApplied).toEqual([{ field: 'top_k', reason: 'top_k is not applied by api.groq.com' }]);
  });
});

test('a response_format is sent verbatim', () => {
  const responseFormat = { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } };
  const { body, sampling } = read({ responseFormat });
  expect(body.response_format).toEqual(responseFormat);
  expect(sampling.effective.response_format).toEqual(responseFormat);
});

test('the local model accepts no reasoning effort other than none', () => {
  const server = makeServer(SOMEWHERE, { kind: 'everytoken' });
  expect(read({ reasoningEffort: 'none' }, server).sampling.effective.reasoning_effort).toBe('none');
  const { body, notApplied } = read({ reasoningEffort: 'high' }, server);
  expect(body).toEqual({ max_tokens: 100 });
  expect(notApplied).toEqual([
    { field: 'reasoning_effort', reason: 'llama3 accepts no reasoning_effort other than "none"' },
  ]);
});

test('an effort that everytoken adds causes a warning, but is not listed as not applied', () => {
  const { sampling, notApplied } = read(
    { model: 'gpt-6-luna', temperature: 0.5 },
    makeServer('https://api.openai.com/v1'),
  );
  expect(sampling.warnings).toHaveLength(1);
  expect(notApplied).toEqual([]);
});

describe('usage', () => {
  test('is requested unless the server has refused it, with a warning', () => {
    const server = makeServer(SOMEWHERE);
    expect(read({}, server)).toMatchObject({ includeUsage: true, sampling: { warnings: [] } });
    rememberRefusal(server, 'llama3', 'stream_options');
    expect(read({}, server)).toMatchObject({
      includeUsage: false,
      sampling: {
        warnings: ['tokens may not be counted: stream_options is not accepted by this server for llama3'],
      },
      notApplied: [],
    });
  });

  test('is not requested if the operator marks it as refused', () => {
    const rows: CatalogueRow[] = [{ pattern: '*', overrides: { include_usage: 'refused' } }];
    expect(read({}, makeServer(SOMEWHERE, { rows })).includeUsage).toBe(false);
  });
});

describe('the shutdown of a model', () => {
  test.each([
    ['https://api.openai.com/v1', 'OpenAI has announced the shutdown of gpt-4o-mini for 2027-01-14'],
    [SOMEWHERE, 'the shutdown of gpt-4o-mini is announced for 2027-01-14'],
  ])('is a warning of each run at %s', (url, warning) => {
    expect(read({ model: 'gpt-4o-mini' }, makeServer(url)).sampling.warnings).toEqual([warning]);
  });

  test('names the replacement that the operator configured', () => {
    const rows: CatalogueRow[] = [
      { pattern: 'llama3', overrides: { shutdown_date: '2026-12-31', replacement: 'llama4' } },
    ];
    expect(read({}, makeServer(SOMEWHERE, { rows })).sampling.warnings).toEqual([
      'the shutdown of llama3 is announced for 2026-12-31; use llama4',
    ]);
  });
});

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const setting = fc
  .record({
    maxTokens: fc.integer({ min: 1, max: 9 }),
    model: fc.constantFrom('gpt-6-luna', 'gpt-4o-mini', 'o3', 'everytoken-ngram', 'llama3'),
    reasoningEffort: some(fc.constantFrom('none', 'low')),
    temperature: some(fc.constantFrom(0, 0.5)),
    topP: some(fc.constantFrom(0.9, 1)),
    topK: some(fc.constantFrom(1, 40)),
    seed: some(fc.constantFrom(0, 7)),
    logprobs: some(fc.boolean()),
    topLogprobs: some(fc.constantFrom(0, 5)),
    extraBody: some(fc.dictionary(fc.constantFrom('min_p', 'pace', 'top_k', 'seed'), fc.constantFrom(0, 1))),
  })
  .map((fields): Setting => {
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    return { label: 'a', model: fields.model, maxTokens: fields.maxTokens, ...Object.fromEntries(given) };
  });
const overrides = fc.record(
  {
    temperature: fc.constantFrom(...WHEN_TAKEN),
    top_p: fc.constantFrom(...WHEN_TAKEN),
    top_k: fc.constantFrom(...TAKES),
    logprobs: fc.constantFrom(...TAKES),
    extra: fc.dictionary(fc.constantFrom('min_p', 'seed'), fc.constantFrom(...TAKES)),
  },
  { requiredKeys: [] },
);
const server = fc
  .record({
    url: fc.constantFrom('https://api.openai.com/v1', 'https://api.groq.com/openai/v1', SOMEWHERE),
    kind: some(fc.constantFrom(...SERVER_KINDS)),
    rows: fc.array(
      overrides.map((row) => ({ pattern: '*', overrides: row })),
      { maxLength: 2 },
    ),
    refused: fc.uniqueArray(
      fc.constantFrom('top_k', 'seed', 'temperature', 'reasoning_effort', 'max_tokens'),
    ),
  })
  .map(({ url, refused, ...known }) => ({ refused, made: makeServer(url, known) }));

test('for any setting and server, each effective value was sent, and each ineffective field has a reason', () => {
  let without = 0;
  fc.assert(
    fc.property(setting, server, (asked, { made, refused }) => {
      for (const field of refused) rememberRefusal(made, asked.model, field);
      const { body, sampling, notApplied } = upstreamBody(asked, made);
      const { requested, sent, effective, warnings } = sampling;
      const takes = samplingOf(made, asked.model);
      expect(sent).toEqual(body);
      const limits = Object.keys(body).filter((field) => /^max_(completion_)?tokens$/.test(field));
      expect(limits).toHaveLength(1);
      expect(effective.max_tokens).toBe(asked.maxTokens);
      for (const [field, value] of Object.entries(effective)) {
        if (value === null || field === 'max_tokens') continue;
        expect({ [field]: value }).toEqual({ [field]: sent[field] });
        expect(refused).not.toContain(field);
      }
      if (effective.top_k !== undefined && takes.top_k !== 'applied') expect(effective.top_k).toBeNull();
      const inVain = Object.keys(requested).filter((field) => effective[field] !== requested[field]);
      without += inVain.length;
      expect(notApplied.map(({ field }) => field).sort()).toEqual(inVain.sort());
      for (const { reason } of notApplied) expect(warnings).toContain(reason);
    }),
    { numRuns: 400 },
  );
  expect(without).toBeGreaterThan(0);
});
