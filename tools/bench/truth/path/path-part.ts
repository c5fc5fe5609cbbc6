import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exitOnSignal } from '../../../command.ts';
import { nameOf } from './conditions.ts';
import { measurePath, type PathOptions, type PathSample } from './measure-path.ts';
import { pathTable, transitOf } from './path-table.ts';

/** The checkout that this file is in. */
export const OWN_ROOT = resolve(import.meta.dirname, '../../../..');

/**
 * The second part of `npm run bench -- truth`: the packaged functions under the local stack, held against the truth.
 * Prints the tables and resolves to all samples.
 */
export const runPathPart = async (options: Omit<PathOptions, 'dataDir'>): Promise<PathSample[]> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-truth-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  const startedAt = performance.now();
  const samples = await measurePath({ ...options, dataDir }, (done, turns) => {
    const turn = turns[done];
    if (!turn) return;
    const name = turn.condition === 'bare' ? 'bare client' : nameOf(turn.condition);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(`path · round ${turn.round} · ${done + 1} of ${turns.length} · ${seconds} s · ${name}`);
  });
  const transit = transitOf(samples.filter(({ condition }) => condition === 'bare'));
  console.log(`\n${pathTable(samples, transit).join('\n')}`);
  return samples;
};
