import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restoreSampling, storeSampling } from '../../../lib/runs/stored-sampling.ts';
import { makeServer } from '../../../lib/sampling/server.ts';
import { requestedFields, type Setting } from '../../../lib/sampling/setting.ts';
import { upstreamBody } from '../../../lib/sampling/upstream-body.ts';

const field = fc.oneof(
  fc.constantFrom('top_k', 'max_tokens', 'seed', 'constructor', 'toString', 'hasOwnProperty'),
  fc.string({ maxLength: 4 }).filter((name) => name !== '__proto__'),
);
const value = fc.jsonValue({ maxDepth: 2 });
const fields = fc.dictionary(field, value, { maxKeys: 8 });
/** A part of a report: fields as requested, null, left out or changed, and others. */
const partOf = (asked: Record<string, unknown>) =>
  fc
    .tuple(
      fc.array(fc.constantFrom('as requested', 'null', 'absent', 'other'), { minLength: 8, maxLength: 8 }),
      fields,
    )
    .map(([kinds, others]) => ({
      ...Object.fromEntries(
        Object.entries(asked).flatMap(([name, own], at) => {
          const kind = kinds[at];
          if (kind === 'absent') return [];
          return [[name, kind === 'as requested' ? own : kind === 'null' ? null : { other: own }]];
        }),
      ),
      ...others,
    }));

const setting = (own: Partial<Setting>): Setting => ({ label: 'a', model: 'm', maxTokens: 9, ...own });
const storedBytes = (own: Partial<Setting>, baseUrl: string) => {
  const one = setting(own);
  const { sampling } = upstreamBody(one, makeServer(baseUrl));
  const stored = storeSampling(sampling, requestedFields(one));
  expect(stored && restoreSampling(stored, requestedFields(one))).toEqual(sampling);
  return JSON.stringify(stored).length;
};

describe('a stored report of sampling', () => {
  test('is restored exactly, whatever was sent and applied', () => {
    fc.assert(
      fc.property(
        fields.chain((asked) => fc.tuple(fc.constant(asked), partOf(asked), partOf(asked))),
        ([requested, sent, effective]) => {
          const report = { requested, sent, effective, warnings: ['one'] };
          const stored = storeSampling(report, requested);
          const read = stored && restoreSampling(JSON.parse(JSON.stringify(stored)), requested);
          expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(report)));
        },
      ),
    );
  });

  test('is refused if the report is of other requested fields', () => {
    const report = { requested: { top_k: 40 }, sent: {}, effective: {}, warnings: [] };
    expect(storeSampling(report, { top_k: 41 })).toBeUndefined();
  });

  test.each([
    ['sends and applies', 'https://api.openai.com/v1'],
    ['may drop', 'http://127.0.0.1:1/v1'],
  ])('does not repeat long fields that a server %s', (_, baseUrl) => {
    const extraBody = Object.fromEntries(Array.from({ length: 4_000 }, (__, at) => [`field_${at}`, at]));
    expect(storedBytes({ stop: ['s'.repeat(60_000)] }, baseUrl)).toBeLessThan(1_000);
    expect(storedBytes({ extraBody }, baseUrl)).toBeLessThan(5_000);
  });
});
