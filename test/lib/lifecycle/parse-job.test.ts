import { expect, it } from 'vitest';
import { parseJob } from '../../../lib/lifecycle/parse-job.ts';

it('reads a job of either kind', () => {
  expect(parseJob('{"type":"run","run_id":"run_1"}')).toEqual({ type: 'run', run_id: 'run_1' });
  const line = { type: 'line', file_id: 'file_1', block: 0, line: 3, start: 120, end: 240 };
  expect(parseJob(JSON.stringify(line))).toEqual(line);
});

it.each([
  '',
  '[]',
  '{"type":"run"}',
  '{"type":"other","run_id":"run_1"}',
  '{"type":"line","file_id":"f","block":-1}',
])('refuses %j for good, as a bad job', (body) => {
  expect(() => parseJob(body)).toThrow(expect.objectContaining({ code: 'bad_job', retryable: false }));
});
