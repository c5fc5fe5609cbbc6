import type { Generation } from '../../lib/runs/generation.ts';
import type { RunView } from '../../lib/runs/view.ts';
import type { ApiClient } from './api-client.ts';
import { DemoError } from './demo-error.ts';

export type Progress = {
  /** A generation's text so far. */
  onText?: (index: number, text: string) => void;
  /** How many generations have ended. */
  onEnded?: (count: number) => void;
};

/** Sends a run and follows its stream to the end. Resolves to its id. Throws `DemoError` when it fails. */
export const followRun = async (
  client: ApiClient,
  body: { stream: boolean },
  { onText, onEnded }: Progress,
): Promise<string> => {
  const texts = new Map<number, string>();
  let id: string | undefined;
  let ended = 0;
  const tell = (index: number, text: string) => {
    texts.set(index, text);
    onText?.(index, text);
  };
  await client.stream('/runs', body, (name, data) => {
    if (name === 'run.created') ({ id } = data as RunView);
    if (name === 'generation.token') {
      const { index, text } = data as { index: number; text: string };
      tell(index, (texts.get(index) ?? '') + text);
    }
    if (name === 'generation.restarted') tell((data as { index: number }).index, '');
    if (name === 'generation.completed') {
      ended += 1;
      onEnded?.(ended);
    }
  });
  if (id === undefined) throw new DemoError('POST /runs: the stream ended before it began');
  return id;
};

/** The run as the API shows it now. Throws `DemoError` when it, or one of its generations, has failed. */
export const readRun = async (client: ApiClient, id: string): Promise<RunView> => {
  const run = await client.get<RunView>(`/runs/${id}`);
  if (run.error) throw new DemoError(`run ${id} has failed: ${run.error.message} (${run.error.code})`);
  const failed = run.generations.find(({ status }: Generation) => status === 'failed');
  if (failed) {
    throw new DemoError(`'${failed.label}' has failed: ${failed.error?.message} (${failed.error?.code})`);
  }
  return run;
};
