import { type Child, startChild } from '../../child.ts';
import type { Arrival } from '../reported.ts';
import { type BareAnswer, type BareQuestion, timedEvents } from './bare-stream.ts';
import type { Observed } from './path-errors.ts';
import { SCENARIO } from './send.ts';

export type BareReader = {
  /** Requests one stream and reads it with as little work as possible. */
  read(key: number): Promise<Observed>;
  end(): Promise<void>;
};

/** Starts the bare client's process, against a model server with this base URL. */
export const startBareReader = (modelServer: string): BareReader => {
  const child: Child<BareQuestion, BareAnswer> = startChild(new URL('bare-client.ts', import.meta.url), '');
  const { host, pathname } = new URL(modelServer);
  return {
    read: async (key) => {
      const body = JSON.stringify({
        ...{ model: SCENARIO, stream: true },
        messages: [{ role: 'user', content: String(key) }],
      });
      const answer = await child.ask({ host, path: `${pathname}/chat/completions`, body });
      return observedOf(key, answer);
    },
    end: () => child.end(),
  };
};

/** @throws {Error} when the answer has no text */
const observedOf = (key: number, { t0, reads }: BareAnswer): Observed => {
  let text = '';
  let e2eMs: number | null = null;
  const arrivals: Arrival[] = [];
  for (const { at, data } of timedEvents(reads)) {
    if (data === '[DONE]') {
      e2eMs = at - t0;
      continue;
    }
    const content: string = JSON.parse(data).choices[0]?.delta.content ?? '';
    if (content === '') continue;
    text += content;
    arrivals.push({ tMs: at - t0, chars: text.length });
  }
  const [first, last] = [arrivals[0], arrivals.at(-1)];
  if (!first || !last) throw new Error('the bare client read no text');
  return {
    ...{ key, t0, text, e2eMs, arrivals },
    ttftMs: first.tMs,
    ttltMs: last.tMs,
    tpotMs: (last.tMs - first.tMs) / (arrivals.length - 1), // in this scenario an event is a token
    ...{ uncertaintyMs: null, uncertain: [], coldStart: false, attempts: 1 },
  };
};
