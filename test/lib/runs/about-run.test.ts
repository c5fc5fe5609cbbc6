import { describe, expect, test } from 'vitest';
import { aboutItem, aboutRun, runIdInPath } from '../../../lib/runs/about-run.ts';
import { makeRun } from '../../factories/run.ts';

const RUN = 'run_00000000000000000000000001';
const FILE = 'file_00000000000000000000000001';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the ids in a log line', () => {
  test('are those of the run, its trace and its file', () => {
    const trace = { traceId: TRACE, parentId: '00f067aa0ba902b7', sampled: true };
    const file = { fileId: FILE, block: 0, line: 1 };
    expect(aboutRun(makeRun({ id: RUN, trace, file }))).toEqual({
      run_id: RUN,
      trace_id: TRACE,
      file_id: FILE,
    });
  });

  test('are parsed from the key of a due item', () => {
    expect(aboutItem(`RUN#${RUN}`)).toEqual({ run_id: RUN });
    expect(aboutItem(`FILE#${FILE}`)).toEqual({ file_id: FILE });
    expect(aboutItem('BUDGET#docs')).toEqual({});
  });

  test('are parsed from an address of the API', () => {
    expect(runIdInPath(`/runs/${RUN}/cancel`)).toBe(RUN);
    expect(runIdInPath('/runs/my%20secret%20prompt')).toBeUndefined();
    expect(runIdInPath('/usage')).toBeUndefined();
  });
});
