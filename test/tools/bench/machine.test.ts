import { expect, test } from 'vitest';
import { loadLine, machineLine, machineOf } from '../../../tools/bench/machine.ts';

test('a machine has the day, its CPUs, Node and the installed versions of the packages that are measured', () => {
  const machine = machineOf(['eventsource-parser', '@langchain/core']);
  expect(machine).toMatchObject({
    date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    cpus: expect.any(Number),
    node: process.versions.node,
    packages: {
      'eventsource-parser': expect.stringMatching(/^\d+\.\d+\.\d+/),
      '@langchain/core': expect.stringMatching(/^\d+\.\d+\.\d+/),
    },
  });
});

test('a package that is not installed is an error, not a missing version', () => {
  expect(() => machineOf(['no-such-package'])).toThrow('no-such-package');
});

test('the line has each fact once, and no empty place for packages', () => {
  const machine = {
    ...{ date: '2026-12-01', cpu: 'Xeon', cpus: 2, memoryGb: 8, system: 'Linux 6.1', node: '24.21.0' },
    packages: { ai: '7.0.1', openai: '7.5.0' },
  };
  expect(machineLine(machine)).toBe(
    '2026-12-01 · 2 x Xeon, 8 GB, Linux 6.1 · Node 24.21.0 · ai 7.0.1, openai 7.5.0',
  );
  expect(machineLine({ ...machine, packages: {} })).toBe(
    '2026-12-01 · 2 x Xeon, 8 GB, Linux 6.1 · Node 24.21.0',
  );
  expect(loadLine([1, 0.25, 0])).toBe('1.0 0.3 0.0');
});
