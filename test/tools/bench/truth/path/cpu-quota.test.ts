import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type CpuQuotas,
  openCpuQuotas,
  shareOfMemory,
  sumOfThrottling,
  throttlingSince,
} from '../../../../../tools/bench/truth/path/cpu-quota.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'everytoken-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const opened = (): CpuQuotas => {
  const quotas = openCpuQuotas(root);
  if ('missing' in quotas) throw new Error(quotas.missing);
  return quotas;
};

/** The files of the one group below a folder; a folder of the kernel loses them with its group. */
const onlyGroup = (folder: string) => {
  const [name = ''] = readdirSync(folder).filter((entry) => entry.startsWith('everytoken-bench-'));
  const path = join(folder, name);
  return { path, read: (file: string) => readFileSync(join(path, file), 'utf8') };
};

const asVersion1 = () => {
  mkdirSync(join(root, 'cpu'));
  writeFileSync(join(root, 'cpu', 'cgroup.procs'), '');
};

test('a process gets the share of a CPU that Lambda gives to its memory', () => {
  expect(shareOfMemory(1_769)).toBe(1);
  expect(shareOfMemory(512)).toBeCloseTo(0.2894, 4);
});

test('without a cpu controller there are no quotas, and the reason is told', () => {
  expect(openCpuQuotas(root)).toEqual({ missing: `there is no cpu controller below ${root}` });
  writeFileSync(join(root, 'cgroup.controllers'), 'memory pids\n');
  expect(openCpuQuotas(root)).toHaveProperty('missing');
});

test('in the real system quotas are either there or missing for a reason', () => {
  const quotas = openCpuQuotas();
  expect('missing' in quotas ? quotas.missing : quotas.version).toMatch(/./);
});

test('a group of version 1 holds its process, and its quota is a part of 20 ms', () => {
  asVersion1();
  const quotas = opened();
  const group = quotas.hold(4_711);
  const { read } = onlyGroup(join(root, 'cpu'));
  expect(quotas.version).toBe('cgroup v1');
  expect([read('cgroup.procs'), read('cpu.cfs_quota_us')]).toEqual(['4711', '-1']);
  group.limit(1_024);
  expect([read('cpu.cfs_period_us'), read('cpu.cfs_quota_us')]).toEqual(['20000', '11577']);
});

test('a group of version 2 has quota and period in one file', () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io\n');
  const quotas = opened();
  const group = quotas.hold(4_711);
  const { read } = onlyGroup(root);
  expect(quotas.version).toBe('cgroup v2');
  expect(readFileSync(join(root, 'cgroup.subtree_control'), 'utf8')).toBe('+cpu');
  expect([read('cgroup.procs'), read('cpu.max')]).toEqual(['4711', 'max 20000']);
  group.limit(512);
  expect(read('cpu.max')).toBe('5789 20000');
});

test.each([
  ['1', 'cpu', 'nr_periods 40\nnr_throttled 10\nthrottled_time 7500000\n'],
  ['2', '.', 'usage_usec 9\nnr_periods 40\nnr_throttled 10\nthrottled_usec 7500\n'],
])('the waits of version %s are told in periods and ms', (version, folder, stat) => {
  if (version === '1') asVersion1();
  else writeFileSync(join(root, 'cgroup.controllers'), 'cpu');
  const group = opened().hold(1);
  writeFileSync(join(onlyGroup(join(root, folder)).path, 'cpu.stat'), stat);
  const now = group.throttling();
  expect(now).toEqual({ periods: 40, throttled: 10, waitedMs: 7.5 });
  expect(sumOfThrottling([now, now])).toEqual({ periods: 80, throttled: 20, waitedMs: 15 });
  expect(throttlingSince({ periods: 30, throttled: 10, waitedMs: 7 }, now)).toEqual({
    periods: 10,
    throttled: 0,
    waitedMs: 0.5,
  });
});

test('a group is removed with its process', () => {
  asVersion1();
  const group = opened().hold(1);
  const { path } = onlyGroup(join(root, 'cpu'));
  for (const file of readdirSync(path)) rmSync(join(path, file)); // the kernel's go with the group
  group.remove();
  expect(readdirSync(join(root, 'cpu'))).toEqual(['cgroup.procs']);
});
