import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { growthTable } from './grow/table.ts';
import { partitionKeysTable, simulationTable } from './simulate/tables.ts';
import {
  batchesTable,
  concurrencyTable,
  costTable,
  idleTable,
  limitsTable,
  memoryTable,
  priceTable,
  rateTable,
  usageTable,
} from './tables.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BLOCK = /(<!-- scale:([\w-]+) -->\n)[\s\S]*?(<!-- \/scale -->)/g;

/** The pages that contain tables of this calculation. */
export const PAGES = ['docs/operations.md', 'docs/scale.md', 'docs/decisions/2026-11-29-batches-of-fifty.md'];

/** The tables of the docs by name. A page has each one between `<!-- scale:NAME -->` and `<!-- /scale -->`. */
export const TABLES: Record<string, () => string> = {
  cost: () => costTable(),
  memory: memoryTable,
  idle: idleTable,
  usage: usageTable,
  concurrency: () => concurrencyTable(),
  'limits-direct': () => limitsTable('stream'),
  'limits-queued': () => limitsTable('background'),
  'partition-keys': () => partitionKeysTable('stream'),
  simulation: () => simulationTable('stream'),
  'simulation-queued': () => simulationTable('background'),
  growth: () => growthTable(),
  rate: rateTable,
  batches: batchesTable,
  prices: priceTable,
};

/**
 * Returns a page with all its tables recalculated.
 * @throws {Error} when the page names an unknown table
 */
export const withTables = (page: string): string =>
  page.replace(BLOCK, (_, head: string, name: string, end: string) => {
    const make = Object.hasOwn(TABLES, name) ? TABLES[name] : undefined;
    if (!make) throw new Error(`there is no table '${name}'; choose from ${Object.keys(TABLES).join(', ')}`);
    return `${head}\n${make()}\n\n${end}`;
  });

/** Rewrites the tables in all pages. */
export const writeTables = (): void => {
  for (const page of PAGES) {
    const file = join(ROOT, page);
    writeFileSync(file, withTables(readFileSync(file, 'utf8')));
  }
};
