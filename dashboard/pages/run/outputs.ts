import type { Generation, Run } from '../../../client/index.ts';

/** The labels of a run's settings in their order, which decides on their colours. */
export const labelsOf = (run: Run): string[] => [...new Set(run.generations.map(({ label }) => label))];

/** An output by its name: its label, and which of its samples it is where there are several. */
export const nameOf = ({ label, sample }: Generation, run: Run): string => {
  const hasSamples = run.generations.some((each) => each.label === label && each.sample > 0);
  const name = label === 'default' && labelsOf(run).length === 1 ? 'Output' : label;
  return hasSamples ? `${name} · ${sample + 1}` : name;
};

/** The place that decides on an output's colour: that of its setting, or of its sample where there is one setting. */
export const colourPlaceOf = ({ label, index }: Generation, run: Run): number => {
  const labels = labelsOf(run);
  return labels.length > 1 ? labels.indexOf(label) : index;
};

/** The output that the address names, else the first. */
export const chosenOutput = (run: Run, query: URLSearchParams): Generation | undefined => {
  const index = Number(query.get('generation') ?? Number.NaN);
  return run.generations.find((each) => each.index === index) ?? run.generations[0];
};

/** The figures of a run as a whole: means over its completed outputs, sums of tokens, its longest gap. */
export const figuresOf = (run: Run) => {
  const timings = run.generations.flatMap(({ timing, status }) =>
    timing === null || status !== 'completed' ? [] : [timing],
  );
  return {
    outputs: timings.length,
    ttft_ms: meanOf(timings.map(({ ttft_ms }) => ttft_ms)),
    tpot_ms: meanOf(timings.map(({ tpot_ms }) => tpot_ms)),
    e2e_ms: meanOf(timings.map(({ e2e_ms }) => e2e_ms)),
    longest_gap_ms: greatestOf(timings.map(({ longest_gap_ms }) => longest_gap_ms)),
  };
};

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

/** Over the known values; null where there is none. */
const meanOf = (values: readonly (number | null)[]): number | null => {
  const numbers = known(values);
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
};

const greatestOf = (values: readonly (number | null)[]): number | null =>
  known(values).reduce<number | null>((most, value) => Math.max(most ?? value, value), null);

/** As much of a text as a search takes: 8,000 bytes of UTF-8, and no half character. */
export const searchable = (text: string, mostBytes = 8_000): string => {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= mostBytes) return text;
  let end = mostBytes;
  // Bytes that continue a character have the form 10xxxxxx.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
};
