import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { runEvent } from '../../../lib/runs/events.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../../docs/events/run-event.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ allErrors: true }).compile(schema);
const isValid = (detail: unknown) => {
  validate(detail);
  expect(validate.errors).toBeNull();
};

describe('runEvent', () => {
  const run = makeRun({
    status: 'generated',
    labels: ['a', 'b'],
    generations: [makeFigures(), makeFigures({ status: 'failed', sha256: null, errorCode: 'rate_limited' })],
  });

  test('is what its published schema says, for each kind of event', () => {
    isValid(runEvent(run, 'RunGenerated', 'content').detail);
    isValid(runEvent({ ...run, status: 'completed' }, 'RunCompleted', 'content').detail);
    const error = { code: 'rate_limited', message: 'limited' };
    const file = { fileId: 'file_1', block: 0, line: 7 };
    const trace = {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentId: '00f067aa0ba902b7',
      sampled: true,
    };
    isValid(runEvent({ ...run, status: 'failed', error, file, trace }, 'RunFailed', 'content').detail);
  });

  test('points at completed outputs alone, under the key of the lease that saved them', () => {
    const { detail } = runEvent(run, 'RunGenerated', 'content');
    const { lease } = makeFigures();
    expect(detail.outputs).toMatchObject([
      { index: 0, label: 'a', bucket: 'content', key: `outputs/${run.id}/0.${lease}.json` },
    ]);
  });

  test('is the same event whenever it is made again', () => {
    expect(runEvent(run, 'RunGenerated', 'content')).toEqual(runEvent(run, 'RunGenerated', 'content'));
    expect(runEvent(run, 'RunGenerated', 'content').detail.event_id).toBe(`${run.id}.RunGenerated`);
  });
});
