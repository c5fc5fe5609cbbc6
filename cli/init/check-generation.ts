import { composeGenerateOne } from '../../functions/compose-model.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { DEFAULT_RETRY_POLICY } from '../../lib/generate/retry-policy.ts';
import type { Finding } from './finding.ts';

const TOKENS = 16;

/** Has the default model sample a few tokens, as a run would, and says what that cost. */
export const checkGeneration = async (config: Configuration, timeoutMs: number): Promise<Finding> => {
  const what = 'generation';
  const model = config.defaultModel;
  const limits = { firstTokenMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs };
  const generateOne = composeGenerateOne(config, () => false, {
    ...DEFAULT_RETRY_POLICY,
    ...limits,
    attempts: 1,
  });
  const { generation } = await generateOne({
    setting: { label: 'init', model, maxTokens: TOKENS, temperature: 0.5 },
    index: 0,
    sample: 0,
    messages: [{ role: 'user', content: 'Say a few words.' }],
    strictSampling: false,
    signal: AbortSignal.timeout(timeoutMs * 2),
    onChunk: () => {},
    onRestart: () => {},
  });
  if (generation.error) {
    const { code, message } = generation.error;
    return { state: 'wrong', what, says: `${model}: ${message} (${code}); set DEFAULT_MODEL, or mend that` };
  }
  const tokens = generation.usage?.completion_tokens;
  const cost = generation.cost_usd;
  const price =
    cost === null || cost === undefined ? 'at a price that is not known' : `for $${cost.toFixed(6)}`;
  return {
    state: 'ok',
    what,
    says: `${generation.model ?? model} gave ${tokens ?? 'some'} tokens ${price}`,
  };
};
