import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeDynamoKeyStore } from '../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoLimitStore, makeDynamoLoadStore } from '../../lib/adapters/dynamodb/limits.ts';
import { makeDynamoBudgetStore, makeDynamoSpendStore } from '../../lib/adapters/dynamodb/spending.ts';
import { makeDynamoDBOnce } from '../../lib/adapters/dynamodb/table.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import type { Clock, Random } from '../../lib/async/clock.ts';
import { type Budget, makeBudget } from '../../lib/budget/budget.ts';
import type { PriceOf } from '../../lib/budget/charges.ts';
import { type Authenticate, makeAuthenticate, withRequestLimit } from '../../lib/http/authenticate.ts';
import { parseApiKeys } from '../../lib/keys/api-key.ts';
import { makeLimitsOf } from '../../lib/limits/caller-limits.ts';
import { makeInFlight } from '../../lib/limits/in-flight.ts';
import { type CountRequest, makeCountRequest } from '../../lib/limits/request-rate.ts';
import type { Log } from '../../lib/observe/log.ts';
import type { RouteOf } from '../../lib/sampling/server.ts';
import { OPENAI, pricesOf } from './servers.ts';

/** Builds what counts callers' requests and their runs in flight, against their limits. */
export const composeLimits = ({
  config,
  clients,
  ...base
}: Pick<Base, 'config' | 'clients' | 'clock' | 'log'> & {
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  random: Random;
}) => {
  const table = { client: clients.dynamodb, table: config.tableName };
  const load = makeDynamoLoadStore({ ...table, once: makeDynamoDBOnce() });
  const limitsOf = makeLimitsOf(makeDynamoLimitStore(table), config.callerLimits, base.clock);
  const deps = { ...base, load, limitsOf };
  return { limitsOf, countRequest: makeCountRequest(deps), inFlight: makeInFlight(deps) };
};

/**
 * Builds the authentication of callers by API key, which also counts their requests. Keys are looked up in the
 * configuration, then in the table. A request without a key is from the anonymous caller, if one is configured.
 */
export const composeAuthenticate = (
  { apiKeys, anonymousCaller, tableName }: Configuration,
  dynamodb: DynamoDBClient,
  countRequest: CountRequest,
): Authenticate =>
  withRequestLimit(
    makeAuthenticate({
      keys: parseApiKeys(apiKeys ?? ''),
      findKey: makeDynamoKeyStore({ client: dynamodb, table: tableName }).get,
      anonymousCaller,
      clock: systemClock,
    }),
    countRequest,
  );

/** The callers of the configuration: those of its keys, or else the one of requests without a key. */
export const configuredCallers = ({ apiKeys, anonymousCaller }: Configuration): string[] => {
  const callers = [...new Set(parseApiKeys(apiKeys ?? '').values())];
  return callers.length > 0 || anonymousCaller === undefined ? callers : [anonymousCaller];
};

/** Builds the store of API keys. */
export const composeKeys = ({ config, clients }: Pick<Base, 'config' | 'clients'>) =>
  makeDynamoKeyStore({ client: clients.dynamodb, table: config.tableName });

type Base = {
  config: Configuration;
  clients: { dynamodb: Parameters<typeof makeDynamoBudgetStore>[0]['client'] };
  defaults: { routeOf: RouteOf };
  clock: Clock;
  log: Log;
};

/** Builds the stores of callers' budgets and of their spending. */
export const composeSpending = ({ config, clients }: Pick<Base, 'config' | 'clients'>) => {
  const table = { client: clients.dynamodb, table: config.tableName };
  return {
    budgets: makeDynamoBudgetStore(table),
    spend: makeDynamoSpendStore({
      ...table,
      once: makeDynamoDBOnce(),
      retentionDays: config.retentionDays,
    }),
  };
};

/** `composeSpending` with the daily budgets, which price runs with the same prices as their generation. */
export const composeBudget = (base: Base) => {
  const spending = composeSpending(base);
  const priceOf: PriceOf = (setting, promptTokens) => {
    const { provider, server, model } = base.defaults.routeOf(setting.model);
    return pricesOf(base.config, provider, server, setting).priceOf(model, promptTokens, base.clock.now());
  };
  const budget: Budget = makeBudget({
    ...spending,
    routeOf: base.defaults.routeOf,
    priceOf,
    clock: base.clock,
    log: base.log,
  });
  const { embedding } = base.config;
  const embeddingPrices = pricesOf(base.config, null, { baseUrl: embedding.baseUrl ?? OPENAI });
  return {
    ...spending,
    budget,
    priceOf,
    embeddingPriceOf: (tokens: number) => embeddingPrices.priceOf(embedding.model, tokens, base.clock.now()),
  };
};
