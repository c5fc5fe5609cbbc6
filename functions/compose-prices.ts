import { openAIPrices } from '../lib/adapters/openai/prices.ts';
import type { Configuration } from '../lib/adapters/settings/configuration.ts';
import { type Prices, UNKNOWN_PRICES, withOwnPrices } from '../lib/pricing/prices.ts';
import { modelId, type Server } from '../lib/sampling/server.ts';
import type { Setting } from '../lib/sampling/setting.ts';

/** Prices on a server, with the operator's own before OpenAI's list, which is of api.openai.com alone. */
export const pricesOf = (
  { prices }: Pick<Configuration, 'prices'>,
  provider: string | null,
  { baseUrl }: Pick<Server, 'baseUrl'>,
  asked?: Pick<Setting, 'model' | 'extraBody'>,
): Prices =>
  withOwnPrices(
    prices,
    isListed(baseUrl, asked?.extraBody?.service_tier) ? openAIPrices : UNKNOWN_PRICES,
    (model) => modelId(provider, model),
    asked?.model,
  );

/** Regional hosts and other service tiers have other prices than the list's. */
const isListed = (baseUrl: string, tier: unknown): boolean =>
  URL.parse(baseUrl)?.hostname === 'api.openai.com' &&
  [undefined, null, 'auto', 'default'].some((usual) => tier === usual);
