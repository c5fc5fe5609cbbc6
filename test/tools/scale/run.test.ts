import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const run = (...args: string[]) => {
  const file = join(import.meta.dirname, '../../../tools/scale/run.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
};

test('npm run cost prints the cost of a rate, and the limits that it exceeds', () => {
  const { status, out } = run('--runs-per-second', '5000', '--tokens', '500');
  expect(status).toBe(0);
  expect(out).toMatch(/^5000 runs a second, stream: \d+\.\d\d USD an hour\nbeyond these limits:\n {2}\S/m);
  expect(run('--runs-per-second', '1').out).toContain('within all default limits');
});

test('npm run cost refuses unknown arguments in one line', () => {
  expect(run('--tokens', 'many')).toMatchObject({
    status: 1,
    err: 'error: --tokens takes a number above 0\n',
  });
  expect(run('--way', 'sideways').err).toMatch(
    /^error: --way takes one of whole, stream, background, line\n$/,
  );
  expect(run('--rate', '1')).toMatchObject({
    status: 1,
    err: expect.stringMatching(/^error: [^\n]*--rate[^\n]*\n$/),
  });
});
