import type { Random } from '../../../../local/model/random.ts';
import { shuffled } from '../random-order.ts';

/**
 * The circumstances of a request.
 *
 * - `start`: whether its environment is new or has served others
 * - `door`: POST /runs, POST /v1/chat/completions, or a background run, which the jobs queue hands to another function
 * - `answer`: how the client gets its answer; the model server streams in any case
 * - `streams`: one; two requests at once, each to an environment of its own; or one request for two outputs
 * - `load`: whether two processes beside it take all the CPU they get
 * - `memoryMb`: the Lambda whose share of CPU each environment has after its init; null for no limit
 */
export type Condition = {
  [Side in keyof typeof SIDES]: (typeof SIDES)[Side][number];
} & { memoryMb: number | null };

const SIDES = {
  start: ['warm', 'cold'],
  door: ['runs', 'chat', 'background'],
  answer: ['streamed', 'whole'],
  streams: ['alone', 'two-requests', 'two-outputs'],
  load: ['idle', 'busy'],
} as const;

/** One turn of a condition, or of the bare client under the load of one. */
export type Turn = { round: number; condition: Condition | { bare: Condition['load'] } };

/** All words by which conditions are chosen. */
export const CONDITION_WORDS: readonly string[] = Object.values(SIDES).flat();

/** The CPU shares that are measured: none, and Lambdas of these MB. */
export const MEMORIES: readonly (number | null)[] = [null, 1_024, 768, 512];

const COMMON = { start: 'warm', answer: 'streamed', streams: 'alone', load: 'idle' } as const;

/** Measured with each share of CPU. A background run has no client that waits, so its `answer` is `whole`. */
const SHAPES: readonly Omit<Condition, 'memoryMb'>[] = [
  { ...COMMON, door: 'runs' },
  { ...COMMON, door: 'runs', answer: 'whole' },
  { ...COMMON, door: 'chat' },
  { ...COMMON, door: 'chat', answer: 'whole' },
  { ...COMMON, door: 'background', answer: 'whole' },
  { ...COMMON, door: 'runs', streams: 'two-requests' },
  { ...COMMON, door: 'runs', streams: 'two-outputs' },
  { ...COMMON, door: 'runs', load: 'busy' },
  { ...COMMON, door: 'runs', start: 'cold' },
  { ...COMMON, door: 'chat', answer: 'whole', start: 'cold' },
];

/**
 * The conditions with these shares of CPU that have one of the chosen words on each side where a word is chosen.
 *
 * @example
 * chosenConditions(['cold', 'runs'], [512]); // cold starts of POST /runs with the CPU of 512 MB
 */
export const chosenConditions = (
  words: readonly string[],
  memories: readonly (number | null)[],
): Condition[] =>
  memories.flatMap((memoryMb) =>
    SHAPES.filter((shape) =>
      Object.entries(SIDES).every(([side, all]) => {
        const chosen = all.filter((word) => words.includes(word));
        return chosen.length === 0 || chosen.some((word) => word === shape[side as keyof typeof SIDES]);
      }),
    ).map((shape) => ({ ...shape, memoryMb })),
  );

/** Every condition once a round, and the bare client under each load that occurs, in random order. */
export const turnsOf = (conditions: readonly Condition[], rounds: number, random: Random): Turn[] => {
  const bare = [...new Set(conditions.map(({ load }) => load))].map((load) => ({ bare: load }));
  return Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
    shuffled([...conditions, ...bare], random).map((condition) => ({ round, condition })),
  );
};

const DOOR_NAMES: Record<Condition['door'], string> = {
  runs: '/runs',
  chat: '/v1',
  background: 'background',
};

/** The name of a condition among those of the same start and CPU. */
export const nameOf = ({ door, answer, streams, load }: Condition): string =>
  [
    door === 'background' ? DOOR_NAMES[door] : `${DOOR_NAMES[door]} ${answer}`,
    streams === 'alone' ? [] : streams.replace('-', ' '),
    load === 'busy' ? 'CPUs busy' : [],
  ]
    .flat()
    .join(', ');

export const cpuName = (memoryMb: number | null): string =>
  memoryMb === null ? 'no limit of CPU' : `CPU of ${memoryMb} MB`;
