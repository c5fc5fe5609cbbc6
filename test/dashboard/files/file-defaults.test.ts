import { describe, expect, test } from 'vitest';
import { defaultsOf, NO_OPTIONS, overlaid, sidecarFields } from '../../../dashboard/files/file-defaults.ts';
import { parseFileDefaults } from '../../../lib/files/formats/file-defaults.ts';

describe('the fields for every row', () => {
  test('are none of an empty form', () => {
    expect(defaultsOf(NO_OPTIONS)).toEqual({ fields: {}, faults: new Map() });
  });

  test('are those that the API takes', () => {
    const { fields, faults } = defaultsOf({
      template: 'Explain {{name}}.\n',
      model: ' m ',
      max_tokens: '40',
      temperature: '0,7',
      top_p: '0.9',
      top_k: '5',
      samples: '2',
      max_cost_usd: '1.5',
      metadata: 'team=docs\n\nsource = a=b ',
      others: '{"seed": 1}',
      dry_run: true,
      rerun: true,
      batch: true,
    });
    expect(faults).toEqual(new Map());
    expect(fields).toEqual({
      prompt: 'Explain {{name}}.',
      model: 'm',
      max_tokens: 40,
      temperature: 0.7,
      top_p: 0.9,
      top_k: 5,
      samples: 2,
      max_cost_usd: 1.5,
      metadata: { team: 'docs', source: 'a=b' },
      seed: 1,
      dry_run: true,
      rerun: true,
      mode: 'batch',
    });
    const { mode: _, max_cost_usd: __, ...rest } = fields;
    expect(() => parseFileDefaults(rest)).not.toThrow();
  });

  test('that cannot be read are named', () => {
    const { faults } = defaultsOf({ ...NO_OPTIONS, temperature: 'hot', metadata: 'team', others: '[1]' });
    expect([...faults.keys()].toSorted()).toEqual(['metadata', 'others', 'temperature']);
  });

  test('go before those of the file beside it', () => {
    expect(sidecarFields('{"defaults": {"seed": 1}}')).toEqual({ seed: 1 });
    expect(sidecarFields('{"seed": 1}')).toEqual({ seed: 1 });
    expect(sidecarFields('no JSON')).toBeUndefined();
    const beside = { messages: [{}], seed: 1, metadata: { a: '1', b: '1' } };
    expect(overlaid(beside, { prompt: '{{name}}', metadata: { b: '2' } })).toEqual({
      prompt: '{{name}}',
      seed: 1,
      metadata: { a: '1', b: '2' },
    });
    expect(overlaid(beside, { seed: 2 })).toEqual({ ...beside, seed: 2 });
  });
});
