import type { Configuration } from '../lib/adapters/configuration.ts';
import { makeOpenAIModel } from '../lib/adapters/openai-model.ts';
import { openAIPrices } from '../lib/adapters/openai-prices.ts';
import { makeSecret } from '../lib/adapters/secrets.ts';
import { systemClock, systemSleep } from '../lib/adapters/system.ts';
import { generateOne } from '../lib/generate/generate-one.ts';
import type { GenerateOne } from '../lib/generate/generate-run.ts';
import type { Prices } from '../lib/pricing/cost.ts';
import { isOpenAI, makeServer } from '../lib/sampling/server.ts';

const OPENAI = 'https://api.openai.com/v1';

/** Another server's prices are not OpenAI's, whatever it calls its models. */
const UNKNOWN_PRICES: Prices = { priceOf: () => undefined };

/** One generation by the configured model server. The first call of an environment is marked as a cold start. */
export const composeGenerateOne = ({ openai }: Configuration): GenerateOne => {
  const baseURL = openai.baseUrl ?? OPENAI;
  const apiKey = makeSecret(openai.apiKey, 'OPENAI_API_KEY');
  const model = makeOpenAIModel({ clock: systemClock, baseURL, apiKey });
  const server = makeServer(baseURL);
  const prices = isOpenAI(baseURL) ? openAIPrices : UNKNOWN_PRICES;
  let coldStart = true;
  return (one) => {
    const deps = {
      model,
      server,
      prices,
      clock: systemClock,
      sleep: systemSleep,
      random: Math.random,
      coldStart,
    };
    coldStart = false;
    return generateOne({ ...one, deps });
  };
};
