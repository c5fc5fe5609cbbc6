import type { TokenPrice } from '../pricing/prices.ts';
import type { Usage } from '../runs/generation.ts';
import type { RunRequest } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';
import { bodyOfSetting, completionTokensBound, promptTokensBound } from '../sampling/chat-body.ts';
import type { RouteOf, Server } from '../sampling/server.ts';
import type { Setting } from '../sampling/setting.ts';
import { type Amount, NOTHING, nanoUsdOf, plus, type Spent } from './amount.ts';

/** The price of a setting's model for prompts of a given size; undefined: unknown. */
export type PriceOf = (setting: Setting, promptTokens: number) => TokenPrice | undefined;

/** The most that an attempt at a generation can use: all that its body says, and as many tokens as it may answer. */
export const boundOfAttempt = (
  body: Parameters<typeof promptTokensBound>[0],
  { server, setting }: { server: Server; setting: Pick<Setting, 'model' | 'maxTokens'> },
  priceOf: (promptTokens: number) => TokenPrice | undefined,
): Amount => {
  const prompt = promptTokensBound(body, server, setting.model);
  const completion = completionTokensBound(body, setting.maxTokens);
  const price = priceOf(prompt);
  return {
    tokens: prompt + completion,
    nanoUsd: price ? nanoUsdOf((prompt * price.input + completion * price.output) / 1e6) : null,
  };
};

/** The upper bound of one attempt at each generation of a request, by index, as the servers are sent it at first. */
export const boundsOf = (
  { messages, settings, samples }: RunRequest,
  { routeOf, priceOf }: { routeOf: RouteOf; priceOf: PriceOf },
): Amount[] =>
  settings.flatMap((setting) => {
    const { server, model } = routeOf(setting.model);
    const routed = { ...setting, model };
    const body = bodyOfSetting(routed, messages, server);
    const bound = boundOfAttempt(body, { server, setting: routed }, (tokens) => priceOf(setting, tokens));
    return Array.from({ length: samples }, () => bound);
  });

/** The usage of an answered attempt, as the server reported it; `bound` replaces figures that it did not report. */
export const usedBy = (
  {
    usage: { prompt_tokens: prompt, completion_tokens: completion },
    cost_usd: cost,
  }: { usage: Usage; cost_usd: number | null },
  bound: Spent,
): Spent => ({
  tokens: prompt === null || completion === null ? bound.tokens : prompt + completion,
  nanoUsd: cost === null ? bound.nanoUsd : nanoUsdOf(cost),
});

type Charged = Pick<Run, 'generations'> & Partial<Pick<Run, 'reserved' | 'charged'>>;

/**
 * The most that a run is counted with on its day: what its ended attempts were charged, and what it still has reserved.
 * A run that was not counted when it ran (its caller had no budget then) is counted with the usage of its outputs.
 */
export const chargeOf = ({ generations, charged = null, reserved = null }: Charged): Spent =>
  plus(charged ?? usageOf({ generations }), reserved ?? NOTHING);

const usageOf = ({ generations }: Pick<Run, 'generations'>): Spent =>
  generations.reduce<Spent>(
    (sum, { promptTokens, completionTokens, costUsd }) => ({
      tokens: sum.tokens + (promptTokens ?? 0) + (completionTokens ?? 0),
      nanoUsd: sum.nanoUsd + nanoUsdOf(costUsd ?? 0),
    }),
    NOTHING,
  );
