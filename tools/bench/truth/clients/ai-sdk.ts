import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';
import { monotonicMs } from '../../../../local/openai/pace.ts';
import { type Arrival, type MakeClient, timePerToken } from '../reported.ts';

/** The Vercel AI SDK in two rows: its text parts timed by the reader, and the figures it reports itself. */
export const makeClient: MakeClient = (baseURL) => {
  const provider = createOpenAICompatible({ name: 'bench', apiKey: 'bench', baseURL, includeUsage: true });
  return async ({ scenario, key }) => {
    const arrivals: Arrival[] = [];
    let text = '';
    const t0 = monotonicMs();
    const start = performance.now();
    const result = streamText({
      model: provider.chatModel(scenario),
      prompt: String(key),
      maxOutputTokens: 1024,
      maxRetries: 0,
    });
    for await (const part of result.stream) {
      if (part.type === 'error') throw part.error;
      if (part.type !== 'text-delta' || part.text === '') continue;
      text += part.text;
      arrivals.push({ tMs: performance.now() - start, chars: text.length });
    }
    const { usage, performance: own } = await result.finalStep;
    const rate = own.outputTokensPerSecond;
    return [
      {
        row: 'ai sdk',
        key,
        t0,
        ttftMs: arrivals[0]?.tMs ?? null,
        tpotMs: timePerToken(arrivals, usage.outputTokens),
        arrivals,
        everyGapMs: null,
        text,
      },
      {
        row: 'ai sdk, own',
        key,
        t0,
        ttftMs: own.timeToFirstOutputMs ?? null,
        tpotMs: rate ? 1000 / rate : null,
        arrivals: null,
        everyGapMs: null,
        text,
      },
    ];
  };
};
