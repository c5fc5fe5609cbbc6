import { useEffect, useState } from 'preact/hooks';
import type { Projection } from '../../search/project-vectors.ts';

export type Projected = { projection?: Projection; error?: unknown };

/** Projects vectors in a worker, again when `key` changes. Nothing is there until it has answered. */
export const useProjection = (vectors: readonly (readonly number[])[], key: string): Projected => {
  const [projected, setProjected] = useState<Projected & { key?: string }>({});
  useEffect(() => {
    const worker = new Worker(new URL('./map-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Projection>) => setProjected({ key, projection: data });
    worker.onerror = (event) => {
      event.preventDefault();
      setProjected({ key, error: new Error(event.message || 'the worker could not be loaded') });
    };
    worker.postMessage(vectors);
    return () => worker.terminate();
  }, [key]);
  return projected.key === key ? projected : {};
};
