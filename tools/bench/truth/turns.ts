import type { Random } from '../../../local/model/random.ts';
import { CLIENTS, type ClientName } from './reported.ts';
import type { Scenario } from './scenarios.ts';

export type Turn = { round: number; scenario: Scenario; streams: number; client: ClientName };

/**
 * Every client in every scenario with every number of streams, once a round. Within a round the scenarios come in
 * random order, and within each the clients, right after one another, so that drift of the machine hits all alike.
 */
export const turnsOf = (
  { scenarios, streams, rounds }: { scenarios: Scenario[]; streams: number[]; rounds: number },
  random: Random,
): Turn[] =>
  Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
    shuffled(
      scenarios.flatMap((scenario) => streams.map((count) => ({ scenario, streams: count }))),
      random,
    ).flatMap((place) => shuffled(CLIENTS, random).map((client) => ({ round, ...place, client }))),
  );

/** A copy in random order, every order equally likely (Fisher and Yates). */
const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1));
  return order;
};
