import { medianOf } from '../medians.ts';
import type { Shape } from './answers.ts';
import type { Turn } from './plan.ts';
import { type ReaderName, YARDSTICK } from './reader.ts';

export const MEASURES = ['cpuMicros', 'wallMicros'] as const;
export type Measure = (typeof MEASURES)[number];

/** One turn with so many streams at a time; microseconds a token. */
export type Sample = Turn & { streams: number } & Record<Measure, number>;

/** A reader's figures: the medians of its rounds, and how many times those of the yardstick they are. */
export type Line = {
  reader: ReaderName;
  shape: Shape;
  streams: number;
} & Record<Measure, { micros: number; times: number }>;

/**
 * A line for each reader, shape and number of streams. A ratio is the median of those of the rounds, since the two turns of
 * one round ran under the same circumstances.
 */
export const linesOf = (samples: readonly Sample[]): Line[] => {
  const yardsticks = new Map(
    samples.filter(({ reader }) => reader === YARDSTICK).map((sample) => [placeOf(sample), sample]),
  );
  const groups = Map.groupBy(samples, ({ reader, shape, streams }) => `${reader} ${shape} ${streams}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const figureOf = (measure: Measure) => ({
      micros: medianOf(group.map((sample) => sample[measure])),
      times: medianOf(
        group.map((sample) => sample[measure] / (yardsticks.get(placeOf(sample))?.[measure] ?? Number.NaN)),
      ),
    });
    const { reader, shape, streams } = first;
    return [{ reader, shape, streams, cpuMicros: figureOf('cpuMicros'), wallMicros: figureOf('wallMicros') }];
  });
};

const placeOf = ({ round, shape, streams }: Sample): string => `${round} ${shape} ${streams}`;
