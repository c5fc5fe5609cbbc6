import type { Prices, TokenPrice } from '../../pricing/prices.ts';
import table from './prices.json' with { type: 'json' };

/** USD per million tokens: input, cached input, output. Prompts of more than `above` tokens cost `usd_above`. */
export type Rates = {
  /** First day of these rates, ISO 8601; undefined in the earliest row. */
  from?: string;
  usd: number[];
  above?: number;
  usd_above?: number[];
};

export type PriceTable = {
  source: string;
  as_of: string;
  models: { names?: string[]; prefixes?: string[]; patterns?: string[]; rates: Rates[] }[];
};

/** OpenAI's list prices, from a table that tools/extract-prices.ts extracts from @pydantic/genai-prices. */
export const openAIPrices: Prices = {
  priceOf: (model, promptTokens, at) => priceIn(table, model, promptTokens, at),
};

/** The price of the first model in the table that matches the name, at its rates in force at `at` (epoch ms). */
const priceIn = (
  { source, as_of, models }: PriceTable,
  model: string,
  promptTokens: number,
  at: number,
): TokenPrice | undefined => {
  const name = model.toLowerCase();
  const found = models.find(
    ({ names, prefixes, patterns }) =>
      names?.includes(name) ||
      prefixes?.some((prefix) => name.startsWith(prefix)) ||
      patterns?.some((pattern) => new RegExp(pattern).test(name)),
  );
  const begun = found?.rates.findLast(({ from }) => from === undefined || Date.parse(from) <= at);
  const rates = begun ?? found?.rates[0];
  if (rates === undefined) return undefined;
  const large = rates.above !== undefined && promptTokens > rates.above;
  const [input, cached, output] = (large ? rates.usd_above : undefined) ?? rates.usd;
  if (input === undefined || cached === undefined || output === undefined) return undefined;
  return { input, cached, output, price: { source, as_of } };
};
