import { describe, expect, test } from 'vitest';
import { pollUntil } from '../../tools/poll-until.ts';
import { emfProblems, extractMetrics } from '../fixtures/read-emf.ts';
import type { RunningStack } from './stack-process.ts';

type Line = Record<string, unknown> & { event: string; function: string };

/** The log lines of functions, without the function name that the stack puts in front. */
const linesOf = (output: string): string[] =>
  output.split('\n').flatMap((line) => /^[\w-]+: (\{"time".*\})$/.exec(line)?.[1] ?? []);

export const describeObservability = (stack: () => RunningStack): void => {
  describe('logs and metrics', () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    let id: string;
    const about = (): Line[] =>
      linesOf(stack().output())
        .map((text): Line => JSON.parse(text))
        .filter(({ run_id, run_ids }) => run_id === id || (Array.isArray(run_ids) && run_ids.includes(id)));
    const isIn = (name: string, event: string) => () =>
      about().some((line) => line.function === name && line.event === event);

    test('have one run_id and one trace_id through all functions, from the call to the upsert', async () => {
      const answer = await fetch(`${stack().file.api}/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` },
        body: JSON.stringify({ prompt: 'Explain neural nets. ', max_tokens: 20, background: true }),
      });
      ({ id } = (await answer.json()) as { id: string });
      const description = () => `all about ${id}; there is ${JSON.stringify(about())}`;
      await pollUntil(description, isIn('embed', 'runs.completed'), 15_000);
      await fetch(`${stack().file.api}/runs/${id}`, { method: 'DELETE' });
      await pollUntil(description, isIn('api', 'run.deleted'));
      const ofFunctions = about()
        // When the stack starts, the sweep moves every run that has not ended, which may be this one.
        .filter((line) => line.function !== 'sweep')
        .map((line) => `${line.function} ${line.event}`);
      expect(ofFunctions.toSorted()).toEqual([
        'api run.deleted',
        'embed embeddings.created',
        'embed runs.completed',
        'generateHttp run.accepted',
        'generateQueue run.claimed',
        'generateQueue run.generated',
      ]);
      for (const line of about()) expect([line.trace_id, line.trace_ids].flat()).toContain(traceId);
      for (const line of about()) expect(line.request_id).toEqual(expect.any(String));
    });

    test('are in the form from which CloudWatch takes metrics, in the namespace of the stage', () => {
      const texts = linesOf(stack().output());
      expect(texts.flatMap(emfProblems)).toEqual([]);
      const metrics = texts.flatMap(extractMetrics);
      expect(new Set(metrics.map(({ namespace }) => namespace))).toEqual(new Set(['everytoken/local']));
      expect(metrics.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          'gen_ai.client.operation.duration',
          'gen_ai.client.operation.time_to_first_chunk',
          'everytoken.input_tokens',
          'everytoken.output_tokens',
          'everytoken.time_to_first_token',
        ]),
      );
    });
  });
};
