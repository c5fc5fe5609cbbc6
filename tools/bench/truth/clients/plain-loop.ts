import OpenAI from 'openai';
import { monotonicMs } from '../../../../local/openai/pace.ts';
import { type Arrival, type MakeClient, timePerToken } from '../reported.ts';

/** The usual hand-written loop over the SDK's stream: it times each chunk with content and counts it as a token. */
export const makeClient: MakeClient = (baseURL) => {
  const client = new OpenAI({ apiKey: 'bench', baseURL });
  return async ({ scenario, key }) => {
    const arrivals: Arrival[] = [];
    let text = '';
    const t0 = monotonicMs();
    const start = performance.now();
    const stream = await client.chat.completions.create({
      model: scenario,
      messages: [{ role: 'user', content: String(key) }],
      max_tokens: 1024,
      stream: true,
    });
    for await (const chunk of stream) {
      const content = chunk.choices[0]?.delta?.content;
      if (!content) continue;
      text += content;
      arrivals.push({ tMs: performance.now() - start, chars: text.length });
    }
    return [
      {
        row: 'plain loop',
        key,
        t0,
        ttftMs: arrivals[0]?.tMs ?? null,
        tpotMs: timePerToken(arrivals, arrivals.length),
        arrivals,
        everyGapMs: null,
        text,
      },
    ];
  };
};
