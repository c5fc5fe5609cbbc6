import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRunGenerated } from '../../../lib/embed/run-generated.ts';
import { runEvent } from '../../../lib/lifecycle/emit.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';

const detail = runEvent(
  makeRun({ status: 'generated', generations: [makeFigures()] }),
  'RunGenerated',
  'content',
).detail;
const envelope = { version: '0', source: 'everytoken', 'detail-type': 'RunGenerated', detail };

test('a RunGenerated event is parsed', () => {
  const { run_id, outputs } = parseRunGenerated(JSON.stringify(envelope));
  expect(run_id).toBe('run_00000000000000000000000001');
  expect(outputs).toMatchObject([{ index: 0, bucket: 'content', chunks: 1 }]);
});

test.each([
  ['no JSON', '{"source":', 'not JSON'],
  ['another source', JSON.stringify({ ...envelope, source: 'aws.s3' }), 'source'],
  ['another type', JSON.stringify({ ...envelope, 'detail-type': 'RunFailed' }), 'detail-type'],
  ['no detail', JSON.stringify({ ...envelope, detail: undefined }), 'detail'],
  [
    'a schema version that is not known',
    JSON.stringify({ ...envelope, detail: { ...detail, schema_version: 2 } }),
    'schema_version',
  ],
  ['no run', JSON.stringify({ ...envelope, detail: { ...detail, run_id: undefined } }), 'run_id'],
  [
    'a sha256 that is none',
    JSON.stringify({
      ...envelope,
      detail: { ...detail, outputs: [{ ...(detail.outputs as object[])[0], sha256: null }] },
    }),
    'sha256',
  ],
])('an event with %s is a permanent error that names the fault', (_, body, named) => {
  expect(() => parseRunGenerated(body)).toThrow(
    expect.objectContaining({
      name: 'InvalidInputError',
      code: 'bad_event',
      retryable: false,
      message: expect.stringContaining(named),
    }),
  );
});

test('arbitrary messages cause nothing but an InvalidInputError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      expect(() => parseRunGenerated(body)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
    }),
    { numRuns: 100 },
  );
});
