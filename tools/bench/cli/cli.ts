import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS } from '../../../cli/commands.ts';
import { readFlags, wholeNumber } from '../../command.ts';
import { buildCli } from '../../package/build-cli.ts';
import { medianOf } from '../medians.ts';

const USAGE = 'usage: npm run bench -- cli [--rounds 15] [--node PATH]';
const ROOT = join(import.meta.dirname, '../../..');

/** Written as the last act of a measured process, to file descriptor 3: its CPU time so far, of all its threads. */
const REPORT = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('node:fs').writeSync(3, String((user + system) / 1000));
});\n`;

/**
 * `npm run bench -- cli`: the CPU time of the packed command line's start, in milliseconds: --help, and the help of each
 * command, which loads its module; beside an empty program of the same Node. Medians of interleaved rounds.
 */
export const run = async (args: string[]): Promise<number> => {
  const options = readFlags(
    args,
    { rounds: { type: 'string', default: '15' }, node: { type: 'string', default: process.execPath } },
    USAGE,
  );
  const rounds = wholeNumber('rounds', options.rounds, { least: 1, most: 1_000, usage: USAGE });
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-bench-cli-'));
  try {
    await buildCli(ROOT, folder);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'report.cjs'), REPORT);
    writeFileSync(join(folder, 'empty.js'), '');
    const measured = new Map(
      programsOf().map((program) => [program.name, { ...program, ms: [] as number[] }]),
    );
    for (let round = 0; round < rounds; round++)
      for (const { ms, words } of measured.values()) ms.push(cpuMs(options.node, folder, words));
    console.log(`CPU of a start in ms, median of ${rounds} (and the largest), ${versionOf(options.node)}`);
    for (const { name, ms } of measured.values()) {
      const most = Math.max(...ms);
      console.log(`${medianOf(ms).toFixed(0).padStart(5)} ${`(${most.toFixed(0)})`.padStart(6)}  ${name}`);
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const programsOf = () => [
  { name: 'an empty program', words: ['empty.js'] },
  { name: 'everytoken --help', words: ['everytoken.js', '--help'] },
  ...COMMANDS.map(({ name }) => ({
    name: `everytoken ${name} --help`,
    words: ['everytoken.js', name, '--help'],
  })),
];

const cpuMs = (node: string, folder: string, words: string[]): number => {
  const { output, status, stderr } = spawnSync(node, ['--require', join(folder, 'report.cjs'), ...words], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`);
  return Number(output[3]);
};

const versionOf = (node: string): string =>
  `Node ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`;
