import { rounded } from '../../json/value.ts';
import type { GenerationFigures, Run } from '../run.ts';

/** A sum over `n` known figures. */
export type Sum = { n: number; sum: number };

/**
 * The usage of a run's outputs of one setting: its requested model and its label, counts, sums of what is known, and in
 * `unknown` how many completed outputs lack a figure. Times in ms. A run that has not been generated has zeros.
 */
export type UsagePart = {
  model: string | null;
  label: string | null;
  completed: number;
  failed: number;
  promptTokens: number;
  completionTokens: number;
  reasoningTokens: number;
  costUsd: number;
  unknown: { promptTokens: number; completionTokens: number; reasoningTokens: number; costUsd: number };
  ttftMs: Sum;
  tpotMs: Sum;
  e2eMs: Sum;
  longestGapMs: number | null;
};

const NO_FIGURES: readonly GenerationFigures[] = [];

export const makePart = (
  { model, label }: Names,
  outputs: readonly GenerationFigures[] = NO_FIGURES,
): UsagePart => {
  const completed = outputs.filter(({ status }) => status === 'completed');
  const known = (field: 'promptTokens' | 'completionTokens' | 'reasoningTokens' | 'costUsd') =>
    outputs.reduce((sum, output) => sum + (output[field] ?? 0), 0);
  const unknown = (field: keyof UsagePart['unknown']) =>
    completed.filter((output) => output[field] === null).length;
  return {
    model,
    label,
    completed: completed.length,
    failed: outputs.length - completed.length,
    promptTokens: known('promptTokens'),
    completionTokens: known('completionTokens'),
    reasoningTokens: known('reasoningTokens'),
    costUsd: known('costUsd'),
    unknown: {
      promptTokens: unknown('promptTokens'),
      completionTokens: unknown('completionTokens'),
      reasoningTokens: unknown('reasoningTokens'),
      costUsd: unknown('costUsd'),
    },
    ttftMs: sumOf(completed.map(({ ttftMs }) => ttftMs)),
    tpotMs: sumOf(completed.map(({ tpotMs }) => tpotMs)),
    e2eMs: sumOf(completed.map(({ e2eMs }) => e2eMs)),
    longestGapMs: greatest(completed.map(({ longestGapMs }) => longestGapMs)),
  };
};

type Names = Pick<UsagePart, 'model' | 'label'>;

/** The usage of settings of these names, with so many outputs each, in their order. */
const namedParts = (names: readonly Names[], samples: number, generations: Run['generations']): UsagePart[] =>
  names.map((name, at) => makePart(name, generations.slice(at * samples, (at + 1) * samples)));

/** The usage of each setting of a run. */
export const partsOf = ({
  labels,
  models,
  samples,
  generations,
}: Pick<Run, 'labels' | 'models' | 'samples' | 'generations'>): UsagePart[] =>
  namedParts(
    labels.map((label, at) => ({ model: models[at] ?? null, label })),
    samples,
    generations,
  );

/** The usage of a deleted run, whose item has lost the names of its settings: `named` are its parts of before. */
export const buriedParts = (named: readonly Names[], generations: Run['generations']): UsagePart[] => {
  const names = named.length === 0 ? [{ model: null, label: null }] : named;
  return namedParts(names, Math.max(1, generations.length / names.length), generations);
};

/** Adds up usage; the sum has the names of the first. */
export const plusPart = (a: UsagePart, b: UsagePart): UsagePart => ({
  model: a.model,
  label: a.label,
  completed: a.completed + b.completed,
  failed: a.failed + b.failed,
  promptTokens: a.promptTokens + b.promptTokens,
  completionTokens: a.completionTokens + b.completionTokens,
  reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  costUsd: a.costUsd + b.costUsd,
  unknown: {
    promptTokens: a.unknown.promptTokens + b.unknown.promptTokens,
    completionTokens: a.unknown.completionTokens + b.unknown.completionTokens,
    reasoningTokens: a.unknown.reasoningTokens + b.unknown.reasoningTokens,
    costUsd: a.unknown.costUsd + b.unknown.costUsd,
  },
  ttftMs: plusSum(a.ttftMs, b.ttftMs),
  tpotMs: plusSum(a.tpotMs, b.tpotMs),
  e2eMs: plusSum(a.e2eMs, b.e2eMs),
  longestGapMs: greatest([a.longestGapMs, b.longestGapMs]),
});

/** All usage in one part without names. */
export const totalPart = (parts: readonly UsagePart[]): UsagePart =>
  parts.reduce(plusPart, makePart({ model: null, label: null }));

/** The mean of the known figures; null without any. */
export const meanOf = ({ n, sum }: Sum): number | null => (n === 0 ? null : rounded(sum / n));

/** The sum of a field if it is known for every completed output, of which there is one at least; else null. */
export const wholeSum = (part: UsagePart, field: keyof UsagePart['unknown']): number | null =>
  part.completed === 0 || part.unknown[field] > 0 ? null : rounded(part[field]);

/** The sum of a field's known values, unless none of its completed outputs has one. */
export const knownSum = (part: UsagePart, field: keyof UsagePart['unknown']): number | null =>
  part[field] > 0 || part.unknown[field] < part.completed ? rounded(part[field]) : null;

const plusSum = (a: Sum, b: Sum): Sum => ({ n: a.n + b.n, sum: a.sum + b.sum });

const sumOf = (values: (number | null)[]): Sum => {
  const known = values.filter((value) => value !== null);
  return { n: known.length, sum: known.reduce((total, value) => total + value, 0) };
};

const greatest = (values: (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
};
