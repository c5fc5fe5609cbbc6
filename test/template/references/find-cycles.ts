import type { Template } from '../template.ts';
import { findReferences } from './find-references.ts';

type Edges = Map<string, Map<string, string>>;

/** The resources that each resource waits for, with the places of the references. */
const edgesOf = ({ Resources }: Template): Edges =>
  new Map(
    Object.entries(Resources).map(([id, { Properties, Metadata, DependsOn = [] }]) => {
      const references = [
        ...findReferences(Properties, 'Properties'),
        ...findReferences(Metadata, 'Metadata'),
      ].map(({ name, path }) => [name, path] as const);
      const dependsOn = [DependsOn].flat().map((name) => [name, 'DependsOn'] as const);
      return [id, new Map([...references, ...dependsOn].filter(([name]) => name in Resources))];
    }),
  );

/** The shortest path from a resource back to itself. */
const wayBack = (start: string, edges: Edges): string[] | undefined => {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of edges.get(way.at(-1) ?? '')?.keys() ?? []) {
      if (next === start) return [...way, start];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
};

/**
 * Finds resources that wait for each other, which CloudFormation refuses: each circle once, with the references that
 * make it.
 */
export const findCycles = (template: Template): string[] => {
  const edges = edgesOf(template);
  const found = new Map<string, string>();
  for (const id of edges.keys()) {
    const way = wayBack(id, edges);
    if (!way) continue;
    const steps = way.slice(0, -1).map((from, index) => {
      const to = way[index + 1] ?? '';
      return `${from} waits for ${to} (${edges.get(from)?.get(to)})`;
    });
    const key = way.slice(1).toSorted().join();
    if (!found.has(key))
      found.set(key, `${steps.join(', ')}: give one of them a fixed name, and write that name in the others`);
  }
  return [...found.values()];
};
