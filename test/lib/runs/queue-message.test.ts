import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aboutMessage } from '../../../lib/runs/queue-message.ts';

const RUN = 'run_00000000000000000000000001';
const FILE = 'file_00000000000000000000000001';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the log fields of a message', () => {
  const fieldsOf = (body: unknown) => JSON.parse(JSON.stringify(aboutMessage(JSON.stringify(body))));

  test('are the ids of a job, of a request to intake and of an event', () => {
    expect(fieldsOf({ type: 'run', run_id: RUN })).toEqual({ run_id: RUN });
    expect(fieldsOf({ type: 'line', file_id: FILE, line: 1 })).toEqual({ file_id: FILE });
    const detail = { run_id: RUN, trace_id: TRACE, model: 'any' };
    expect(fieldsOf({ source: 'everytoken', detail })).toEqual({ run_id: RUN, trace_id: TRACE });
  });

  test('leave out values that do not have the form of such an id', () => {
    expect(fieldsOf({ run_id: 'a secret prompt', file_id: 'file_../../etc', trace_id: [TRACE] })).toEqual({});
    expect(aboutMessage('not JSON')).toEqual({});
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(Object.values(aboutMessage(body)).filter((value) => value !== undefined)).toEqual([]);
      }),
    );
  });
});
