import type { UsageMetadata } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { monotonicMs } from '../../../../local/openai/pace.ts';
import { type Arrival, type MakeClient, timePerToken } from '../reported.ts';

/** LangChain.js: the reader times each message chunk with text; tokens are those of its usage metadata. */
export const makeClient: MakeClient = (baseURL) => {
  const modelOf = (model: string) =>
    new ChatOpenAI({ model, apiKey: 'bench', maxTokens: 1024, maxRetries: 0, configuration: { baseURL } });
  const models = new Map<string, ChatOpenAI>();
  return async ({ scenario, key }) => {
    const model = models.get(scenario) ?? modelOf(scenario);
    models.set(scenario, model);
    const arrivals: Arrival[] = [];
    let text = '';
    let tokens: number | undefined;
    const t0 = monotonicMs();
    const start = performance.now();
    for await (const chunk of await model.stream(String(key))) {
      tokens = outputTokens(chunk.usage_metadata) ?? tokens;
      if (chunk.text === '') continue;
      text += chunk.text;
      arrivals.push({ tMs: performance.now() - start, chars: text.length });
    }
    return [
      {
        row: 'langchain',
        key,
        t0,
        ttftMs: arrivals[0]?.tMs ?? null,
        tpotMs: timePerToken(arrivals, tokens),
        arrivals,
        everyGapMs: null,
        text,
      },
    ];
  };
};

const outputTokens = (usage: UsageMetadata | undefined): number | undefined => usage?.output_tokens;
