import type { Trace } from '../../lib/runs/generation.ts';
import type { RunView } from '../../lib/runs/view.ts';
import type { Emissions } from '../../local/openai/emissions.ts';
import type { ApiClient } from './api-client.ts';
import type { Witnessed } from './clock-check.ts';
import { DemoError } from './demo-error.ts';

/** The API's trace of each generation of a run beside the local model server's own account of it. */
export const readClocks = (client: ApiClient, openai: string, run: RunView): Promise<Witnessed[]> =>
  Promise.all(
    run.generations.map(async ({ index, label }) => {
      const trace = await client.get<Trace>(`/runs/${run.id}/generations/${index}/trace`);
      const answer = await fetch(new URL(`/emissions/${trace.marks.completion_id}`, openai));
      if (!answer.ok) throw new DemoError(`the model server does not know its completion (${answer.status})`);
      const { writes } = (await answer.json()) as Emissions;
      return { label, trace, writes };
    }),
  );
