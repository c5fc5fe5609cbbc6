import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { READER_NAMES, READERS } from '../../../tools/bench/stream/reader.ts';
import { ROWS } from '../../../tools/bench/truth/reported.ts';

const bench = (...args: string[]) => promisify(execFile)(process.execPath, ['tools/bench/run.ts', ...args]);

test('an unknown bench prints what each one measures and exits with 2', async () => {
  const failed = await bench('speed').catch((error) => error);
  expect(failed).toMatchObject({ code: 2, stdout: '' });
  expect(failed.stderr).toMatch(
    /^usage: npm run bench -- SUITE \[--flags\]\n\n {2}truth +the errors of the times/,
  );
  await expect(bench()).rejects.toMatchObject({ code: 2, stderr: failed.stderr });
});

test('--help prints the usage of all or of one, and measures nothing', async () => {
  expect((await bench('--help')).stdout).toContain('npm run bench -- SUITE');
  expect((await bench('grow', '--help')).stdout).toContain('usage: npm run bench -- grow [--sizes');
});

test('flags that npm has kept for itself are asked for behind two dashes', async () => {
  const failed = await bench('stream', '1').catch((error) => error);
  expect(failed).toMatchObject({ code: 2, stdout: '' });
  expect(failed.stderr).toContain('npm run bench -- stream --flag value');
});

test('a file that cannot be written is refused before anything is measured', async () => {
  const failed = await bench('truth', '--json', 'package.json/truth.json').catch((error) => error);
  expect(failed).toMatchObject({ code: 2, stdout: '' });
  expect(failed.stderr).toMatch(/^--json: nothing can be written to .*package\.json\n$/);
});

/** Rows whose tools report no single gaps. */
const WITHOUT_GAPS = ['everytoken, call', 'ai sdk, own', 'guidellm', 'llmperf'];

test('every client reads every text of the truth bench, and the figures are written to the given file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-truth-'));
  try {
    const json = join(folder, 'truth.json');
    const small =
      '--part clients --streams 2 --rounds 2 --rate 1000 --tokens 6 --scenario chunks,split,reasoning';
    const { stdout } = await bench('truth', ...small.split(' '), '--json', json);
    const { lines } = JSON.parse(readFileSync(json, 'utf8'));
    expect(lines).toHaveLength(3 * ROWS.length);
    for (const line of lines) {
      expect(line, line.row).toMatchObject({ streams: 2, differingTexts: 0, pooled: { ttft: { n: 4 } } });
      if (!WITHOUT_GAPS.includes(line.row)) expect(line.pooled.gaps.n, line.row).toBeGreaterThan(0);
    }
    expect(stdout).toContain('! plain loop, time per token: takes a chunk for a token');
    expect(stdout).not.toContain('lost or changed');
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

test('every reader of the stream bench reads its answers whole, and the table shows all of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-stream-'));
  try {
    const json = join(folder, 'stream.json');
    const small = '--rounds 1 --answers 2 --events 20 --streams 2 --shapes tools,responses';
    const { stdout } = await bench('stream', ...small.split(' '), '--json', json);
    const { lines, machine } = JSON.parse(readFileSync(json, 'utf8'));
    expect(lines).toHaveLength(READER_NAMES.length * 2 - 2);
    for (const line of lines) expect(line.cpuMicros.micros, line.reader).toBeGreaterThan(0);
    expect(machine.packages.openai).toMatch(/^\d/);
    for (const { name } of Object.values(READERS)) expect(stdout).toContain(`| ${name} |`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
