import { chosenMetadata } from '../runs/list/entry.ts';
import { makePart, plusPart, totalPart, type UsagePart } from '../runs/list/parts.ts';
import type { ListedRun } from '../runs/ports.ts';
import type { UsageShape } from './ports.ts';

/**
 * Shapes of one sum that are told apart. Callers choose labels and metadata, so a sum could grow without limit; the usage
 * of further shapes is added up by models alone, and beyond twice this number without any name.
 */
const MAX_SHAPES = 5_000;

/** The usage of one run, with its metadata of these keys. */
export const shapeOf = (run: ListedRun, keys: readonly string[]): UsageShape => ({
  metadata: chosenMetadata(run.metadata, keys),
  requests: 1,
  failedRequests: run.status === 'failed' || run.hasFailed ? 1 : 0,
  parts: run.parts,
});

/** Adds up shapes: those of equal names become one. */
export const makeShapes = (keys: readonly string[], max = MAX_SHAPES) => {
  const shapes = new Map<string, UsageShape>();
  const merge = (key: string, shape: UsageShape): void => {
    const earlier = shapes.get(key);
    shapes.set(key, earlier ? plusShape(earlier, shape) : shape);
  };
  const has = (key: string, most: number) => shapes.has(key) || shapes.size < most;
  const addByModels = (shape: UsageShape): void => {
    const byModels = withoutNames(shape);
    const key = keyOf(byModels);
    if (has(key, 2 * max)) merge(key, byModels);
    else merge('', { ...shape, metadata: {}, parts: [totalPart(shape.parts)] });
  };
  return {
    add: (given: UsageShape): void => {
      const shape = { ...given, metadata: chosenMetadata(given.metadata, keys) };
      const key = keyOf(shape);
      if (has(key, max)) merge(key, shape);
      else addByModels(shape);
    },
    shapes: (): UsageShape[] => [...shapes.values()],
  };
};

/** The same usage by models alone: of each, one part without label. */
export const withoutNames = (shape: UsageShape): UsageShape => {
  const byModel = Map.groupBy(shape.parts, ({ model }) => model);
  const parts = [...byModel]
    .sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1))
    .map(([model, some]) => some.reduce(plusPart, makePart({ model, label: null })));
  return { ...shape, metadata: {}, parts };
};

export const hasNames = ({ metadata, parts }: Pick<UsageShape, 'metadata' | 'parts'>): boolean =>
  Object.keys(metadata).length > 0 || parts.some(({ label }) => label !== null);

const keyOf = ({ metadata, parts }: UsageShape): string =>
  JSON.stringify([Object.entries(metadata), parts.map(({ model, label }: UsagePart) => [model, label])]);

const plusShape = (a: UsageShape, b: UsageShape): UsageShape => ({
  metadata: a.metadata,
  requests: a.requests + b.requests,
  failedRequests: a.failedRequests + b.failedRequests,
  parts: a.parts.map((part, at) => {
    const other = b.parts[at];
    return other ? plusPart(part, other) : part;
  }),
});
