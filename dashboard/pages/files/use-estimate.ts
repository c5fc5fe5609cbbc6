import { useEffect, useState } from 'preact/hooks';
import type { FileEstimate } from '../../../client/index.ts';
import { estimateOfWhole } from '../../../report/estimate-of-whole.ts';
import { everytoken } from '../../api.ts';
import { type Draft, estimateRequestOf } from './draft.ts';

export type Estimated = {
  /** The last one; it stays while the next is on its way, so that nothing jumps. */
  estimate: FileEstimate | undefined;
  error: unknown;
  isLoading: boolean;
};

/** Words are typed one letter after another; an estimate is asked once they rest. */
const REST_MS = 350;

/** The estimate of a draft with these fields, again whenever they change. */
export const useEstimate = (draft: Draft, defaults: { [name: string]: unknown }): Estimated => {
  const [state, setState] = useState<Estimated>({ estimate: undefined, error: undefined, isLoading: true });
  const key = JSON.stringify([draft.id, defaults]);
  useEffect(() => {
    if (draft.refused !== undefined) return;
    const aborter = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    const ask = async (): Promise<void> => {
      const request = estimateRequestOf(draft, defaults);
      if (request === undefined) throw new Error('Its first record is longer than an estimate takes.');
      const part = await everytoken().files.estimate(request.body, { signal: aborter.signal });
      setState({ estimate: estimateOfWhole(part, request.share), error: undefined, isLoading: false });
    };
    const timer = setTimeout(() => {
      ask().catch((error: unknown) => {
        if (!aborter.signal.aborted) setState({ estimate: undefined, error, isLoading: false });
      });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [key]);
  return state;
};
