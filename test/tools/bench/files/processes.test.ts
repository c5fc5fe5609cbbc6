import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { CAN_MEASURE, machineCpu, processesOf, roleOf } from '../../../../tools/bench/files/processes.ts';

describe('the role of a process', () => {
  test.each([
    [
      'function generate/queue',
      ['node', '/r/local/aws/lambda/environment-process.ts', '/b', 'functions/generate/queue.handler'],
    ],
    [
      'function intake',
      ['node', '--x', '/r/local/aws/lambda/environment-process.ts', '/b', 'functions/intake.handler', '/c'],
    ],
    ['stack', ['node', '--cpu-prof', '/r/cli/everytoken.ts', 'start', '']],
    ['stack', ['node', 'cli/everytoken.ts', 'start', '--verbose', '']],
    ['embeddings', ['node', '/r/local/openai/process.ts', '{}']],
    ['other', ['sleep', '5']],
  ])('is %s', (role, command) => {
    expect(roleOf(command)).toBe(role);
  });
});

describe.runIf(CAN_MEASURE)('the figures of a process from Linux', () => {
  test('include its peak memory, also after it was freed, and its CPU time', async () => {
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

  test('are empty for a group without processes', () => {
    expect(processesOf([])).toEqual([]);
  });

  test('come with the busy and idle time of the machine', () => {
    const { busyMs, idleMs } = machineCpu();
    expect(busyMs).toBeGreaterThan(0);
    expect(idleMs).toBeGreaterThan(0);
  });
});
