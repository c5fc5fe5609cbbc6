import { readFileSync, writeFileSync } from 'node:fs';
import { findProvider, type MatchLogic, type ModelPrice, type TieredPrices } from '@pydantic/genai-prices';
import type { PriceTable, Rates } from '../lib/adapters/openai/prices.ts';

/**
 * The day the installed price data was published: `npm view @pydantic/genai-prices time`. Change it with the version.
 */
const PUBLISHED = { version: '0.1.8', on: '2026-09-23' };

/**
 * Extracts OpenAI's prices from @pydantic/genai-prices as the table that is bundled. The whole package is 466 KB and
 * adds about 30 ms to every cold start, the table 1 ms. `node tools/extract-prices.ts` rewrites the table.
 * @throws {Error} when the package has prices that the table cannot express
 */
export const extractOpenAIPrices = (): PriceTable => {
  const { version } = JSON.parse(
    readFileSync(new URL('../node_modules/@pydantic/genai-prices/package.json', import.meta.url), 'utf8'),
  );
  if (version !== PUBLISHED.version)
    throw new Error(
      `@pydantic/genai-prices is ${version}, not ${PUBLISHED.version}: set PUBLISHED to that version and its date`,
    );
  const openai = findProvider({ providerId: 'openai' });
  if (!openai) throw new Error('@pydantic/genai-prices has no provider openai');
  const models = openai.models.flatMap(({ id, match, prices }) => {
    const dated = Array.isArray(prices) ? prices : [{ prices }];
    const rates = dated.map(({ prices: price, ...when }) =>
      ratesOf(id, price, 'constraint' in when ? when.constraint : undefined),
    );
    return rates.every((rate) => rate !== undefined) ? [{ ...namesOf(id, match), rates }] : [];
  });
  return { source: `OpenAI's list prices by @pydantic/genai-prices ${version}`, as_of: PUBLISHED.on, models };
};

/** The rates of a model; undefined when it is not priced by input and output tokens. */
const ratesOf = (
  id: string,
  price: ModelPrice,
  constraint: { type: string } | undefined,
): Rates | undefined => {
  // An embedding has no output.
  const without = id.includes('embedding') ? 0 : undefined;
  const { input_mtok: input, output_mtok: output = without, cache_read_mtok: cached = input } = price;
  if (input === undefined || cached === undefined || output === undefined) return undefined;
  const from = startOf(id, constraint);
  const tiered = [input, cached, output].filter((rate): rate is TieredPrices => typeof rate === 'object');
  const rates: Rates = {
    ...(from === undefined ? {} : { from }),
    usd: [baseOf(input), baseOf(cached), baseOf(output)],
  };
  const starts = new Set(tiered.flatMap(({ tiers }) => tiers.map(({ start }) => start)));
  const [above] = starts;
  if (above === undefined) return rates;
  if (starts.size > 1) throw new Error(`${id} has more than two price tiers, which the table cannot express`);
  return { ...rates, above, usd_above: [aboveOf(input), aboveOf(cached), aboveOf(output)] };
};

const startOf = (id: string, constraint: { type: string } | undefined): string | undefined => {
  if (constraint === undefined) return undefined;
  if ('start_date' in constraint && typeof constraint.start_date === 'string') return constraint.start_date;
  throw new Error(`the price of ${id} depends on ${constraint.type}, which the table cannot express`);
};

const baseOf = (rate: number | TieredPrices): number => (typeof rate === 'number' ? rate : rate.base);
const aboveOf = (rate: number | TieredPrices): number =>
  typeof rate === 'number' ? rate : (rate.tiers[0]?.price ?? rate.base);

type Names = Pick<PriceTable['models'][number], 'names' | 'prefixes' | 'patterns'>;

const namesOf = (id: string, match: MatchLogic): Names => {
  if ('equals' in match) return { names: [match.equals] };
  if ('starts_with' in match) return { prefixes: [match.starts_with] };
  if ('regex' in match) return { patterns: [match.regex] };
  if (!('or' in match))
    throw new Error(`${id} is matched by ${Object.keys(match)}, which the table cannot express`);
  const each = match.or.map((one) => namesOf(id, one));
  const names = each.flatMap((one) => one.names ?? []);
  const prefixes = each.flatMap((one) => one.prefixes ?? []);
  const patterns = each.flatMap((one) => one.patterns ?? []);
  return {
    ...(names.length > 0 ? { names } : {}),
    ...(prefixes.length > 0 ? { prefixes } : {}),
    ...(patterns.length > 0 ? { patterns } : {}),
  };
};

if (import.meta.main) {
  const table = new URL('../lib/adapters/openai/prices.json', import.meta.url);
  writeFileSync(table, `${JSON.stringify(extractOpenAIPrices(), undefined, 1)}\n`);
}
