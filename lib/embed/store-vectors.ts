import { vectorId } from '../runs/keys.ts';
import { vectorMetadata } from '../vectors/metadata.ts';
import type { VectorIndex, VectorRecord } from '../vectors/ports.ts';
import { isRefusal } from './embed-texts.ts';
import type { Work } from './run-generated.ts';

/** A run's chunks with their vectors, in order. */
export type Embedded = { work: Work; vectors: Float32Array[] };

/** The id of a harmless vector. It has not the form of a run's, so that neither search nor audit take it for one. */
const HARMLESS_ID = 'everytoken-harmless';

/**
 * Upserts the vectors of runs of one namespace in one call. When the index refuses it, the runs are bisected to find
 * those at fault; `refuse` is called for each of these.
 * @returns the runs that are stored
 * @throws The index's error when it concerns all runs: it is down, or refuses even a harmless vector.
 */
export const storeVectors = async (
  namespace: string,
  group: Embedded[],
  vectors: VectorIndex,
  refuse: (work: Work, error: unknown) => void,
): Promise<Embedded[]> => {
  const records = group.flatMap(recordsOf);
  try {
    if (records.length > 0) await vectors.upsert(namespace, records);
    return group;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [only, ...others] = group;
    if (only && others.length === 0) {
      await storeHarmless(namespace, records[0]?.values.length ?? 0, vectors);
      refuse(only.work, error);
      return [];
    }
    const middle = Math.ceil(group.length / 2);
    return [
      ...(await storeVectors(namespace, group.slice(0, middle), vectors, refuse)),
      ...(await storeVectors(namespace, group.slice(middle), vectors, refuse)),
    ];
  }
};

/** Stores a vector that every index accepts: if it is refused too, the fault is not in a run. */
const storeHarmless = async (namespace: string, dimension: number, vectors: VectorIndex): Promise<void> => {
  const values = new Float32Array(dimension).fill(1);
  await vectors.upsert(namespace, [{ id: HARMLESS_ID, values, metadata: {} }]);
  await vectors.delete(namespace, [HARMLESS_ID]);
};

const recordsOf = ({ work: { run, pieces }, vectors }: Embedded): VectorRecord[] =>
  pieces.flatMap(({ generation, model, chunk, text }, at) => {
    const values = vectors[at];
    if (!values) return [];
    return [
      {
        id: vectorId(run.id, generation.index, chunk),
        values,
        metadata: vectorMetadata({
          runId: run.id,
          model,
          generation,
          chunk: { index: chunk, text },
          createdAt: Date.parse(run.createdAt),
          metadata: run.metadata,
        }),
      },
    ];
  });
