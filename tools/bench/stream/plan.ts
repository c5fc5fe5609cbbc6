import type { Random } from '../../../local/model/random.ts';
import { shuffled } from '../truth/random-order.ts';
import type { Shape } from './answers.ts';
import type { Options } from './options.ts';
import { type ReaderName, reads } from './reader.ts';

export type Turn = { round: number; shape: Shape; reader: ReaderName };

/**
 * Every reader with every shape that it reads, once a round, each in a process of its own. The readers of a shape come right
 * after one another, in random order, so that a drift of the machine affects all of them alike.
 */
export const turnsOf = (
  { readers, shapes, rounds }: Pick<Options, 'readers' | 'shapes' | 'rounds'>,
  random: Random,
): Turn[] =>
  Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
    shuffled(shapes, random).flatMap((shape) =>
      shuffled(
        readers.filter((reader) => reads(reader, shape)),
        random,
      ).map((reader) => ({ round, shape, reader })),
    ),
  );
