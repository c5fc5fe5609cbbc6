import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  concurrencyTable,
  costTable,
  idleTable,
  limitsTable,
  priceTable,
  rateTable,
  usageTable,
} from './tables.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BLOCK = /(<!-- scale:([\w-]+) -->\n)[\s\S]*?(<!-- \/scale -->)/g;

/** The pages that hold tables of this calculation. */
export const PAGES = ['docs/operations.md', 'docs/scale.md'];

/** Every table of the docs by its name there: the block between `<!-- scale:NAME -->` and `<!-- /scale -->`. */
export const TABLES: Record<string, () => string> = {
  cost: () => costTable(),
  idle: idleTable,
  usage: usageTable,
  concurrency: () => concurrencyTable(),
  'limits-direct': () => limitsTable('stream'),
  'limits-queued': () => limitsTable('background'),
  rate: rateTable,
  prices: priceTable,
};

/** A page with each of its tables made anew. Throws for the name of a table that there is not. */
export const withTables = (page: string): string =>
  page.replace(BLOCK, (_, head: string, name: string, end: string) => {
    const make = Object.hasOwn(TABLES, name) ? TABLES[name] : undefined;
    if (!make) throw new Error(`there is no table '${name}'`);
    return `${head}\n${make()}\n\n${end}`;
  });

/** Writes the tables into the pages. */
export const writeTables = (): void => {
  for (const page of PAGES) {
    const file = join(ROOT, page);
    writeFileSync(file, withTables(readFileSync(file, 'utf8')));
  }
};
