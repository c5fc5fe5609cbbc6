import { setTimeout as delay } from 'node:timers/promises';
import { acceptRun, countAnswer, type Ledger, type Offer } from './ledger.ts';
import type { StackClients } from './stack.ts';

type Deps = {
  ledger: Ledger;
  /** The longest pause between two offers. */
  pauseMs: number;
  /** Returns numbers in [0, 1). */
  random: () => number;
  /** Clients of the running stack; undefined while it is down. */
  stack: () => StackClients | undefined;
};

const IN_FLIGHT = 10;
const ANSWER_LIMIT_MS = 120_000;
const TOPICS = ['leases', 'vector indexes', 'queues', 'retries', 'embeddings', 'sampling', 'event buses'];

/** A client that offers runs and files to the stack and notes its promises in the ledger. */
export const makeLoad = ({ ledger, pauseMs, random, stack }: Deps) => {
  let number = 0;
  const inFlight = new Set<Promise<void>>();
  const below = (n: number) => Math.floor(random() * n);

  const body = (more: object = {}): object => ({
    prompt: `Explain ${TOPICS[below(TOPICS.length)]}, part ${number}.`,
    ...{ max_tokens: 8 + below(40), samples: 1 + below(3), extra_body: { pace: [0, 0, 30][below(3)] } },
    ...(below(8) === 0 && { index: false }),
    ...more,
  });

  /** Resolves to the run id of the answer; undefined when the answer has none or is lost. */
  const post = async (request: object, key: string | undefined): Promise<string | undefined> => {
    if (key !== undefined) ledger.unanswered.set(key, { what: 'run', key, body: request });
    try {
      const response = await fetch(`${stack()?.api}/runs`, {
        method: 'POST',
        body: JSON.stringify(request),
        headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      });
      countAnswer(ledger, String(response.status));
      const id = response.headers.get('x-everytoken-run-id') ?? undefined;
      if (id !== undefined) acceptRun(ledger, id, key);
      // A run is accepted even if its stream ends early.
      await response.text().catch(() => countAnswer(ledger, 'cut'));
      return id;
    } catch {
      countAnswer(ledger, 'lost');
      if (key === undefined) ledger.unknown += 1;
      return undefined;
    }
  };

  const put = async (offer: Offer & { what: 'file' }): Promise<void> => {
    const { key, lines } = offer;
    ledger.unanswered.set(key, offer);
    const clients = stack();
    if (!clients) return; // `repeatUnanswered` uploads it once the stack is back
    try {
      await clients.put(key, JSON.stringify(lines));
      ledger.files.set(key, lines.length);
      ledger.unanswered.delete(key);
      countAnswer(ledger, 'file');
    } catch {
      countAnswer(ledger, 'lost');
    }
  };

  const remove = async (id: string): Promise<void> => {
    const response = await fetch(`${stack()?.api}/runs/${id}`, { method: 'DELETE' }).catch(() => undefined);
    countAnswer(ledger, response ? `delete ${response.status}` : 'lost');
    if (response?.status === 204) ledger.deleted.add(id);
  };

  /** A run that already has its outputs cannot be cancelled any more and answers 409. */
  const cancel = async (id: string): Promise<void> => {
    const url = `${stack()?.api}/runs/${id}/cancel`;
    const response = await fetch(url, { method: 'POST' }).catch(() => undefined);
    countAnswer(ledger, response ? `cancel ${response.status}` : 'lost');
    if (response?.status === 200) ledger.cancelled.add(id);
  };

  const offer = async (): Promise<void> => {
    number += 1;
    const key = `soak-${number}`;
    const kind = below(20);
    if (kind < 5) await post(body(), below(4) > 0 ? key : undefined);
    else if (kind < 9) await post(body({ stream: true }), below(4) > 0 ? key : undefined);
    else if (kind < 14) await post(body({ background: true }), key);
    else if (kind < 17) {
      const request = body({ background: below(2) === 0 });
      ledger.repeated += 1;
      const pause = below(1_000);
      await Promise.all([post(request, key), delay(pause).then(() => post(request, key))]);
    } else if (kind < 19) {
      const request = body({ background: true });
      const pause = below(2_000);
      const id = await post(request, key);
      await delay(pause);
      if (id !== undefined) await (kind === 17 ? remove(id) : cancel(id));
    } else {
      const lines = Array.from({ length: 2 + below(4) }, () => body());
      if (below(3) === 0) lines.push(body({ temperature: 9 }));
      await put({ what: 'file', key: `prompts/@local/soak/${key}.json`, lines });
    }
  };

  return {
    offered: () => number,
    /**
     * Makes offers until the signal aborts; pauses while the stack is down. Resolves when every offer is answered or
     * lost.
     */
    run: async (signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        if (stack() && inFlight.size < IN_FLIGHT) {
          const one = offer().finally(() => inFlight.delete(one));
          inFlight.add(one);
        }
        await delay(pauseMs * random());
      }
      await Promise.all(inFlight);
    },
    /** Repeats each unanswered offer once, as a client would. */
    repeatUnanswered: async (): Promise<void> => {
      for (const lost of [...ledger.unanswered.values()]) {
        if (lost.what === 'file') await put(lost);
        else await post(lost.body, lost.key);
      }
    },
  };
};

export type Load = ReturnType<typeof makeLoad>;
