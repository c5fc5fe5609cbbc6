import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { CAN_MEASURE, machineCpu, processesOf, roleOf } from '../../../../tools/bench/files/processes.ts';

describe('a process’s role', () => {
  test.each([
    [
      'function generate/queue',
      ['node', '/r/local/aws/lambda/environment-process.ts', '/b', 'functions/generate/queue.handler'],
    ],
    [
      'function intake',
      ['node', '--x', '/r/local/aws/lambda/environment-process.ts', '/b', 'functions/intake.handler', '/c'],
    ],
    ['stack', ['node', '--cpu-prof', '/r/cli/start.ts', '']],
    ['stack', ['node', 'cli/start.ts', '']],
    ['embeddings', ['node', '/r/local/openai/process.ts', '{}']],
    ['other', ['sleep', '5']],
  ])('is %s', (role, command) => {
    expect(roleOf(command)).toBe(role);
  });
});

describe.runIf(CAN_MEASURE)('what Linux tells of a process', () => {
  test('is its peak memory, also once that was given back, and its CPU time', async () => {
    const code = `
      let held = Buffer.alloc(150_000_000, 1);
      for (const end = performance.now() + 150; performance.now() < end; ) held[0]++;
      held = undefined;
      process.stdout.write('held');
      setInterval(() => {}, 1_000);`;
    const child = spawn(process.execPath, ['-e', code], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const [figures, ...others] = processesOf([child.pid ?? 0]);
      expect(others).toEqual([]);
      expect(figures).toMatchObject({ pid: child.pid, group: child.pid, role: 'other' });
      expect(figures?.peakBytes).toBeGreaterThan(150_000_000);
      expect(figures?.peakBytes).toBeLessThan(400_000_000);
      expect(figures?.cpuMs).toBeGreaterThanOrEqual(100);
      expect(figures?.threadMs).toBeGreaterThanOrEqual(100);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('is nothing of a group that has no processes', () => {
    expect(processesOf([])).toEqual([]);
  });

  test('grows with the machine’s time', () => {
    const { busyMs, idleMs } = machineCpu();
    expect(busyMs).toBeGreaterThan(0);
    expect(idleMs).toBeGreaterThan(0);
  });
});
