import type { Random } from '../../../../local/model/random.ts';
import { shuffled } from '../random-order.ts';

/** The ways to a generation: POST /runs, POST /v1/chat/completions, and a background run by the jobs queue. */
const DOORS = ['runs', 'chat', 'queue'] as const;
export type Door = (typeof DOORS)[number];

const ANSWERS = ['streamed', 'whole'] as const;
/** How the client gets its answer. The model server streams in any case. */
export type Answer = (typeof ANSWERS)[number];

/** The circumstances of a request. `atOnce` requests are sent together, each to an environment of its own. */
export type Condition = { door: Door; answer: Answer; atOnce: number };

/** One turn of a condition, or of the bare client. */
export type Turn = { round: number; condition: Condition | 'bare' };

export const CONDITIONS: readonly Condition[] = [
  { door: 'runs', answer: 'streamed', atOnce: 1 },
  { door: 'runs', answer: 'whole', atOnce: 1 },
  { door: 'chat', answer: 'streamed', atOnce: 1 },
  { door: 'chat', answer: 'whole', atOnce: 1 },
  { door: 'runs', answer: 'streamed', atOnce: 2 },
];

/** Every condition and the bare client once a round, in random order. */
export const turnsOf = (conditions: readonly Condition[], rounds: number, random: Random): Turn[] =>
  Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
    shuffled([...conditions, 'bare' as const], random).map((condition) => ({ round, condition })),
  );

const DOOR_NAMES: Record<Door, string> = { runs: '/runs', chat: '/v1', queue: 'background' };

export const nameOf = ({ door, answer, atOnce }: Condition): string =>
  [DOOR_NAMES[door], door === 'queue' ? '' : answer, atOnce === 1 ? 'alone' : `${atOnce} at once`]
    .filter(Boolean)
    .join(' · ');
