import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hrefOf, parseAddress } from '../../../dashboard/address.ts';
import { draftQuery, isBuilding, readDraft } from '../../../dashboard/comparison-request/address.ts';
import {
  CHECKS,
  type Draft,
  draftOf,
  EMPTY,
  linesAsPrompts,
  requestOf,
} from '../../../dashboard/comparison-request/draft.ts';
import { rowOf } from '../../../dashboard/comparison-request/settings.ts';

const text = fc.string({ unit: 'binary', maxLength: 30 }).map((value) => value.toWellFormed());
const number = fc.integer({ min: 1, max: 64 }).map(String);

const draft: fc.Arbitrary<Draft> = fc.record({
  name: text.map((name) => name.trim()),
  prompts: fc.array(
    fc.oneof(
      fc.record({ text }),
      fc.record({
        messages: fc.array(fc.record({ role: fc.constantFrom('system', 'user'), content: text }), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
    ),
    { minLength: 1, maxLength: 4 },
  ),
  by: fc.constantFrom('matrix', 'rows'),
  dimensions: fc.constantFrom([{ field: 'temperature' as const, values: '0.2, 1' }], EMPTY.dimensions),
  rows: fc.array(
    fc.record({ label: text, fields: fc.record({ temperature: number }), other: fc.constant('') }),
    { minLength: 1, maxLength: 3 },
  ),
  samples: number,
  maxTokens: fc.oneof(fc.constant(''), number),
  objectives: fc.record({ max_ttft_ms: number, max_tpot_ms: fc.constant(''), max_e2e_ms: fc.constant('') }),
  checks: fc.array(
    fc.oneof(
      fc.record({ type: fc.constantFrom('contains' as const, 'regex' as const), text }),
      fc.record({ type: fc.constantFrom('min_length' as const, 'max_length' as const), text: number }),
      fc.record({ type: fc.constant('json_schema' as const), text: fc.constant('{"type":"object"}') }),
    ),
    { maxLength: CHECKS.length },
  ),
  metadata: fc.uniqueArray(
    fc.record({ key: text.filter((key) => key !== '' && key !== '__proto__'), value: text }),
    { maxLength: 3, selector: ({ key }) => key },
  ),
  maxCostUsd: fc.oneof(fc.constant(''), number),
  other: fc.constantFrom('', '{"index":false}'),
});

test('the address of a draft gives back a draft that asks for the same', () => {
  fc.assert(
    fc.property(draft, (given) => {
      const query = draftQuery(given, Number.POSITIVE_INFINITY);
      const { query: read } = parseAddress(hrefOf(['compare'], query));
      expect(isBuilding(read)).toBe(true);
      const again = readDraft(read);
      expect(requestOf(again)).toEqual(requestOf(given));
      expect(again.maxCostUsd).toBe(given.maxCostUsd);
      expect(again.by).toBe(given.by);
    }),
  );
});

test('a link of another page needs a prompt, settings and samples alone', () => {
  const { query } = parseAddress(
    `#/compare?prompt=Explain+trees.&settings=${encodeURIComponent('[{"label":"Cold","temperature":0.2,"stop":["\\n"]}]')}&samples=4`,
  );
  expect(requestOf(readDraft(query))).toEqual({
    request: {
      prompts: ['Explain trees.'],
      settings: [{ label: 'Cold', temperature: 0.2, stop: ['\n'] }],
      samples: 4,
    },
    problems: [],
  });
});

test('an address that was cut or typed by hand opens with what can be read of it', () => {
  const { query } = parseAddress(
    '#/compare?prompt=Explain.&settings=[{"label":"Co&matrix=[]&request=7&samples=x',
  );
  const { request } = requestOf(readDraft(query));
  expect(request).toMatchObject({ prompts: ['Explain.'], samples: 'x' });
  expect(request.settings).toEqual(requestOf(EMPTY).request.settings);
  expect(isBuilding(parseAddress('#/compare?status=failed').query)).toBe(false);
});

test('a draft too long for an address is not written into one', () => {
  expect(draftQuery({ ...EMPTY, prompts: [{ text: 'x'.repeat(9_000) }] })).toBeUndefined();
});

test('the request of a comparison becomes a draft that asks for the same', () => {
  const request = {
    name: 'Two',
    prompts: ['a', { messages: [{ role: 'user' as const, content: 'b' }] }],
    settings: [{ label: 'A', top_p: 0.5 }],
    samples: 3,
    max_tokens: 20,
    objectives: { max_ttft_ms: 400 },
    checks: [{ type: 'json_schema' as const, schema: { type: 'object' } }],
    metadata: { team: 'x' },
    strict_sampling: true,
  };
  expect(requestOf(draftOf(request, rowOf))).toEqual({ request, problems: [] });
});

test('a text that is no JSON object is told at its field, and nothing is sent for it', () => {
  const { problems } = requestOf({
    ...EMPTY,
    by: 'rows',
    rows: [{ label: 'A', fields: {}, other: '{' }],
    checks: [{ type: 'json_schema', text: '7' }],
    other: 'null',
  });
  expect(problems.map(({ path }) => path)).toEqual(['settings.0.other', 'checks.0', 'other']);
});

test('lines become prompts, blank ones do not', () => {
  expect(linesAsPrompts('one\r\n\n two\n')).toEqual([{ text: 'one' }, { text: ' two' }]);
});

test.each([
  'prompts=[{"messages":[null,5,{"role":7}]},null,{"prompt":5}]',
  'request={"checks":[null,5],"metadata":5,"objectives":5,"name":{}}',
  'settings=[null,{"label":{},"model":[]}]',
  `prompts=${JSON.stringify(Array(10_000).fill('p'))}&settings=${JSON.stringify(Array(10_000).fill({ label: 's' }))}`,
])('reads what it can of an address that asks for no comparison: %.60s', (query) => {
  const read = readDraft(new URLSearchParams(query));
  expect(read.prompts.length).toBeLessThanOrEqual(100);
  expect(read.rows.length).toBeLessThanOrEqual(100);
  for (const prompt of read.prompts)
    for (const message of 'messages' in prompt ? prompt.messages : [])
      expect(message).toMatchObject({ role: expect.any(String), content: expect.any(String) });
  expect(() => requestOf(read)).not.toThrow();
});
