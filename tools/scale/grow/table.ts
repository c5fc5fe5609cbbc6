import { count, table } from '../markdown.ts';
import file from './results.json' with { type: 'json' };

/** Units of the table and its indexes that one request takes. */
export type TakenUnits = { read: number; write: number };

/** The units of requests while so many runs of one caller are stored, spread over 30 days. */
export type Grown = { runs: number } & Record<'accept' | 'get' | 'list' | 'usage', TakenUnits>;

export const SIZES: readonly number[] = [1_000, 10_000, 100_000];

/** The stored results of `npm run cost -- --grow`. */
const GROWN = file as Grown[];

/** The units of each request by the number of stored runs. */
export const growthTable = (results: readonly Grown[] = GROWN): string => {
  const cell = ({ read, write }: TakenUnits) =>
    write === 0 ? `${count(read)} read` : `${count(write)} write, ${count(read)} read`;
  return table(
    ['Runs stored', 'POST /runs, accepted', 'GET /runs/{run_id}', 'a page of 20 runs', 'usage of 30 days'],
    results.map(({ runs, accept, get, list, usage }) => [
      count(runs),
      ...[accept, get, list, usage].map(cell),
    ]),
  );
};
