import { seededRandom } from '../../../../local/model/random.ts';
import { type Child, startChild } from '../../child.ts';
import type { ServerQuestion } from '../server-process.ts';
import type { Truth } from '../truth-server.ts';
import { type BareAnswer, type BareQuestion, timedEvents } from './bare-stream.ts';
import { type Condition, type Turn, turnsOf } from './conditions.ts';
import { type Observed, type PathErrors, pathErrors } from './path-errors.ts';
import { readRecord, type Sending, sendRequest } from './send.ts';
import { startPathStack } from './stack.ts';

/** `root` is the checkout whose functions are measured; `samples` is the number of requests of a turn. */
export type PathOptions = {
  root: string;
  dataDir: string;
  conditions: readonly Condition[];
  rounds: number;
  samples: number;
  rate: number;
  tokens: number;
  seed: number;
};

/** One stream of a condition or of the bare client, whose only figures are instants of reading. */
export type PathSample = { condition: Condition | 'bare'; round: number } & Observed & { errors: PathErrors };

/** The truth server's time to the first token. */
const FIRST_MS = 50;
const WARM_UP_REQUESTS = 3;

/** Measures every condition once a round, one turn after another, with turns of the bare client between them. */
export const measurePath = async (
  options: PathOptions,
  onProgress: (done: number, turns: readonly Turn[]) => void,
): Promise<PathSample[]> => {
  const { conditions, rounds, rate, tokens } = options;
  const server = startChild<ServerQuestion, unknown>(
    new URL('../server-process.ts', import.meta.url),
    JSON.stringify({ tokens, rate }),
  );
  const bare = startChild<BareQuestion, BareAnswer>(new URL('bare-client.ts', import.meta.url), '');
  const modelServer = String(await server.ask({ address: true }));
  const stack = await startPathStack(options.root, { dataDir: options.dataDir, modelServer });
  const sending: Sending = { api: stack.api, expectMs: FIRST_MS + (tokens * 1000) / rate };
  let nextKey = options.seed * 1_000_000;

  const observe = async (condition: Condition | 'bare'): Promise<Observed[]> => {
    if (condition === 'bare') return [await readBare(bare, modelServer, nextKey++)];
    const keys = Array.from({ length: condition.atOnce }, () => nextKey++);
    const ids = await Promise.all(keys.map((key) => sendRequest(sending, condition, key)));
    const records: Observed[] = [];
    for (const [at, key] of keys.entries()) records.push(await readRecord(stack.api, ids[at] ?? '', key));
    return records;
  };

  const take = async ({ condition, round }: Turn, samples: number): Promise<PathSample[]> => {
    const all: PathSample[] = [];
    for (let at = 0; at < samples; at += 1) {
      const observed = await observe(condition);
      const truths = (await server.ask({ take: observed.map(({ key }) => key) })) as Truth[];
      for (const [index, one] of observed.entries()) {
        const truth = truths[index];
        if (truth) all.push({ condition, round, ...one, errors: pathErrors(one, truth) });
      }
    }
    return all;
  };

  try {
    for (const condition of [...conditions, 'bare' as const])
      await take({ condition, round: 0 }, WARM_UP_REQUESTS);
    const turns = turnsOf(conditions, rounds, seededRandom(options.seed));
    const samples: PathSample[] = [];
    for (const [at, turn] of turns.entries()) {
      onProgress(at, turns);
      samples.push(...(await take(turn, options.samples)));
    }
    return samples;
  } finally {
    await stack.close();
    await Promise.all([server.end(), bare.end()]);
  }
};

/** Reads one stream as the bare client; its clock is CLOCK_MONOTONIC itself. */
const readBare = async (
  bare: Child<BareQuestion, BareAnswer>,
  modelServer: string,
  key: number,
): Promise<Observed> => {
  const { host, pathname } = new URL(modelServer);
  const body = JSON.stringify({
    ...{ model: 'steady', stream: true },
    messages: [{ role: 'user', content: String(key) }],
  });
  const { t0, reads } = await bare.ask({ host, path: `${pathname}/chat/completions`, body });
  let text = '';
  let e2eMs: number | null = null;
  const pieces: { tMs: number; chars: number }[] = [];
  for (const { at, data } of timedEvents(reads)) {
    if (data === '[DONE]') e2eMs = at - t0;
    else {
      const content: string = JSON.parse(data).choices[0]?.delta.content ?? '';
      if (content === '') continue;
      text += content;
      pieces.push({ tMs: at - t0, chars: text.length });
    }
  }
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (!first || !last) throw new Error('the bare client read no text');
  return {
    ...{ key, t0, text, e2eMs, arrivals: pieces, uncertaintyMs: null },
    ttftMs: first.tMs,
    ttltMs: last.tMs,
    tpotMs: (last.tMs - first.tMs) / (pieces.length - 1), // one token an event
  };
};
