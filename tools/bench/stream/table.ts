import { table } from '../../scale/markdown.ts';
import { SHAPES, type Shape } from './answers.ts';
import { READER_NAMES, READERS, type ReaderName } from './reader.ts';
import type { Line, Measure } from './results.ts';

/** The explanation of rows and columns, as items of a list. */
export const legend = (readers: readonly ReaderName[], shapes: readonly Shape[]): string[] => [
  ...readers.map((reader) => `- ${READERS[reader].name}: ${READERS[reader].does}`),
  ...shapes.map((shape) => `- ${shape}: ${SHAPES[shape]}`),
];

const TITLES: Record<Measure, string> = {
  cpuMicros: "CPU of the reader's process (user and system), µs a token",
  wallMicros: 'time by the clock, µs a token',
};

/** The table of a measure with so many streams at a time, in Markdown: µs, and times the yardstick. */
export const tableOf = (
  lines: readonly Line[],
  { measure, streams, shapes }: { measure: Measure; streams: number; shapes: readonly Shape[] },
): string => {
  const here = lines.filter((line) => line.streams === streams);
  const rows = READER_NAMES.filter((reader) => here.some((line) => line.reader === reader)).map((reader) => [
    READERS[reader].name,
    ...shapes.map((shape) =>
      cellOf(here.find((line) => line.reader === reader && line.shape === shape)?.[measure]),
    ),
  ]);
  const at = streams === 1 ? 'one stream' : `${streams} streams at once`;
  return `${TITLES[measure]}, ${at}\n\n${table(['', ...shapes], rows)}`;
};

const cellOf = (figure: Line[Measure] | undefined): string =>
  figure === undefined ? '–' : `${figure.micros.toFixed(2)} (${figure.times.toFixed(2)})`;
