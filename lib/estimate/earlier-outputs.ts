import { plusPart, type UsagePart } from '../runs/list/parts.ts';
import { listRuns, type ReadListDeps } from '../runs/list/read.ts';
import type { RequestDefaults } from '../runs/request.ts';
import { trueModel } from '../sampling/server.ts';
import type { Range } from './ranges.ts';

/** The caller's earlier outputs of a model: how many there are, their length, and their speed in ms. */
export type EarlierOutputs = { outputs: number; tokens: Range; ttftMs: Range; tpotMs: Range };

/** Finds the earlier outputs of a model by any name that leads to it; undefined where there are none. */
export type EarlierOf = (model: string) => EarlierOutputs | undefined;

/** The runs that are looked at: one page of the list. */
export const EARLIER_RUNS = 100;

/**
 * Reads a caller's outputs by model, from the list of its last runs. Each value is the mean of the outputs of a run's setting;
 * low and high are the least and the greatest of these. Warm-ups of comparisons are left out, as are outputs of which a
 * figure is unknown. Models without any are missing.
 */
export const readEarlierOutputs = async (
  caller: string,
  deps: ReadListDeps & { defaults: Pick<RequestDefaults, 'routeOf'> },
): Promise<EarlierOf> => {
  const { runs } = await listRuns({ caller, limit: EARLIER_RUNS }, deps);
  const byModel = new Map<string, UsagePart[]>();
  for (const { metadata, parts } of runs) {
    if (metadata.warm_up === 'true') continue;
    for (const part of parts) {
      const isKnown = part.unknown.completionTokens === 0 && part.ttftMs.n > 0 && part.tpotMs.n > 0;
      if (part.model === null || part.completed === 0 || !isKnown) continue;
      byModel.set(part.model, [...(byModel.get(part.model) ?? []), part]);
    }
  }
  const outputs = new Map([...byModel].map(([model, parts]) => [model, outputsOf(parts)]));
  const { routeOf } = deps.defaults;
  return (model) => outputs.get(routeOf ? trueModel(routeOf, model) : model);
};

const outputsOf = (parts: UsagePart[]): EarlierOutputs => {
  const sum = parts.reduce(plusPart);
  const rangeOf = (meanOf: (part: UsagePart) => number): Range => {
    const means = parts.map(meanOf);
    return { low: Math.min(...means), typical: meanOf(sum), high: Math.max(...means) };
  };
  return {
    outputs: sum.completed,
    tokens: rangeOf(({ completionTokens, completed }) => completionTokens / completed),
    ttftMs: rangeOf(({ ttftMs }) => ttftMs.sum / ttftMs.n),
    tpotMs: rangeOf(({ tpotMs }) => tpotMs.sum / tpotMs.n),
  };
};
