import { type Random, seededRandom } from '../../../local/model/random.ts';
import { type Child, startChild } from '../child.ts';
import type { ClientAnswer, ClientQuestion } from './client-process.ts';
import { shuffled } from './random-order.ts';
import { CLIENTS, type ClientName } from './reported.ts';
import type { Sample } from './results.ts';
import type { ServerQuestion } from './server-process.ts';
import { streamErrors } from './stream-errors.ts';
import type { Scenario } from './stream-plan.ts';
import type { Truth } from './truth-server.ts';

/** `rate` is in tokens a second; `tokens` is the number of visible tokens of each stream. */
export type MeasureOptions = {
  scenarios: Scenario[];
  streams: number[];
  rounds: number;
  rate: number;
  tokens: number;
  seed: number;
};

type Turn = { round: number; scenario: Scenario; streams: number; client: ClientName };

/** The streams of a turn start at random within this time, as requests of different callers do. */
const SPREAD_MS = 60;
const WARM_UP_TURNS = 2;

type Client = Child<ClientQuestion, ClientAnswer>;

/**
 * Runs all turns one after another. The server and each client have a process of their own; a client is idle during the
 * turns of the others. Each client first runs warm-up turns, which are not counted.
 */
export const measure = async (
  options: MeasureOptions,
  onProgress: (done: number, turns: number, turn: Turn) => void,
): Promise<Sample[]> => {
  const random = seededRandom(options.seed);
  const server = startChild<ServerQuestion, unknown>(
    new URL('server-process.ts', import.meta.url),
    JSON.stringify({ tokens: options.tokens, rate: options.rate }),
  );
  const clients = new Map<ClientName, Client>();
  let nextKey = options.seed * 1_000_000;

  const take = async ({ round, scenario, streams, client: name }: Turn): Promise<Sample[]> => {
    const client = clients.get(name);
    if (!client) throw new Error(`the client ${name} was not started`);
    const keys = Array.from({ length: streams }, () => nextKey++);
    const delaysMs = keys.map(() => random() * SPREAD_MS);
    const { reported, cpuMicros, waitedMs } = await client.ask({ scenario, keys, delaysMs });
    const truths = new Map(
      ((await server.ask({ take: keys })) as Truth[]).map((truth) => [truth.key, truth]),
    );
    const tokens = [...truths.values()].reduce((sum, { visibleTokens }) => sum + visibleTokens, 0);
    const writesMs = [...truths.values()].flatMap(({ emissions }) => emissions.map(({ tookMs }) => tookMs));
    return [...Map.groupBy(reported, ({ row }) => row)].map(([row, ofRow]) => ({
      row,
      scenario,
      streams,
      round,
      errors: ofRow.map((one) => {
        const truth = truths.get(one.key);
        if (!truth) throw new Error(`the server has no truth of stream ${one.key}, which ${row} reported`);
        return streamErrors(one, truth);
      }),
      cpuMicrosPerToken: cpuMicros / tokens,
      waitedMs,
      writesMs,
    }));
  };

  try {
    const url = await server.ask({ address: true });
    const mostStreams = Math.max(...options.streams);
    for (const name of CLIENTS) {
      clients.set(
        name,
        startChild(new URL('client-process.ts', import.meta.url), JSON.stringify({ name, url })),
      );
    }
    for (const client of CLIENTS) {
      for (let at = 0; at < WARM_UP_TURNS; at++) {
        await take({ round: 0, scenario: at % 2 ? 'noise' : 'steady', streams: mostStreams, client });
      }
    }
    const turns = turnsOf(options, random);
    const samples: Sample[] = [];
    for (const [at, turn] of turns.entries()) {
      onProgress(at, turns.length, turn);
      samples.push(...(await take(turn)));
    }
    return samples;
  } finally {
    await Promise.all([...clients.values(), server].map((child) => child.end()));
  }
};

/**
 * Every client in every scenario with every number of streams, once a round. The order of scenarios is random in each
 * round, and so is the order of clients in each scenario. The clients of a scenario run right after one another, so
 * that a drift of the machine affects all of them alike.
 */
export const turnsOf = (
  { scenarios, streams, rounds }: Pick<MeasureOptions, 'scenarios' | 'streams' | 'rounds'>,
  random: Random,
): Turn[] =>
  Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
    shuffled(
      scenarios.flatMap((scenario) => streams.map((count) => ({ scenario, streams: count }))),
      random,
    ).flatMap((place) => shuffled(CLIENTS, random).map((client) => ({ round, ...place, client }))),
  );
