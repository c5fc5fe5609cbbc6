import OpenAI from 'openai';
import { monotonicMs } from '../../../../local/openai/pace.ts';
import type { MakeClient } from '../reported.ts';

/** The tutorial's method: waits for the whole answer and divides its time by the tokens of its usage. */
export const makeClient: MakeClient = (baseURL) => {
  const client = new OpenAI({ apiKey: 'bench', baseURL });
  return async ({ scenario, key }) => {
    const t0 = monotonicMs();
    const start = performance.now();
    const answer = await client.chat.completions.create({
      model: scenario,
      messages: [{ role: 'user', content: String(key) }],
      max_tokens: 1024,
    });
    const totalMs = performance.now() - start;
    const tokens = answer.usage?.completion_tokens;
    const perTokenMs = tokens ? totalMs / tokens : null;
    return [
      {
        row: 'tutorial',
        key,
        t0,
        ttftMs: totalMs,
        tpotMs: perTokenMs,
        arrivals: null,
        everyGapMs: perTokenMs,
        text: answer.choices[0]?.message.content ?? '',
      },
    ];
  };
};
