import { createParser } from 'eventsource-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Generation } from '../../lib/runs/generation.ts';
import type { RunView } from '../../lib/runs/view.ts';
import type { Emissions } from '../../local/openai/emissions.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import type { RunningStack } from './stack-process.ts';

type Received = { name: string; data: unknown; atMs: number };

/** The clock of the local model's emissions. */
const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Every event of a stream, with the instant at which its bytes were read. */
const readEvents = async (response: Response): Promise<Received[]> => {
  const events: Received[] = [];
  let atMs = 0;
  const parser = createParser({
    onEvent: ({ event = '', data }) => void events.push({ name: event, data: JSON.parse(data), atMs }),
  });
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    atMs = monotonicMs();
    parser.feed(decoder.decode(bytes, { stream: true }));
  }
  return events;
};

export const describeStreaming = (stack: () => RunningStack) =>
  describe('POST /runs with stream: true', () => {
    let api: Client;
    let events: Received[];
    let run: RunView;
    beforeAll(async () => {
      api = clientOf(stack().file.api);
      const response = await api.send('/runs', {
        ...{ prompt: 'Explain neural nets.', max_tokens: 40, extra_body: { pace: 30 }, stream: true },
        ...{ settings: [{ label: 'a' }, { label: 'b', temperature: 0.2 }] },
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      expect(response.headers.get('x-everytoken-run-id')).toMatch(/^run_/);
      events = await readEvents(response);
      run = events.at(-1)?.data as RunView;
    });

    test('sends run.created, the tokens, and run.completed', () => {
      const names = events.map(({ name }) => name);
      expect([names[0], names.at(-1)]).toEqual(['run.created', 'run.completed']);
      expect(names.filter((name) => name === 'generation.completed')).toHaveLength(2);
      expect(run.status).toBe('generated');
      for (const { index, text } of run.generations) {
        const tokens = events
          .filter(({ name }) => name === 'generation.token')
          .map(({ data }) => data as { index: number; text: string })
          .filter((token) => token.index === index);
        expect(tokens.length).toBeGreaterThan(1);
        expect(tokens.map((token) => token.text).join('')).toBe(text);
        const completed = events
          .filter(({ name }) => name === 'generation.completed')
          .map(({ data }) => data as Generation);
        expect(completed.find((generation) => generation.index === index)?.text).toBe(text);
      }
    });

    test('says of each token when it left the service, between its coming and its arrival here', async () => {
      for (const { index } of run.generations) {
        const { marks } = (await api.trace(run.id, index)).body;
        const tokens = events.flatMap(({ name, data, atMs }) => {
          const token = data as { index: number; t_ms: number; sent_ms: number };
          return name === 'generation.token' && token.index === index ? [{ ...token, atMs }] : [];
        });
        expect(tokens.length).toBeGreaterThan(1);
        for (const { t_ms, sent_ms, atMs } of tokens) {
          expect(sent_ms).toBeGreaterThanOrEqual(t_ms);
          // All processes of the machine share its monotonic clock, but for a reading's accuracy.
          expect(marks.t0_monotonic_ms + sent_ms).toBeLessThan(atMs + 1);
        }
      }
    });

    test('sends the first token before the model has written the last one', async () => {
      const first = events.filter(({ name }) => name === 'generation.token').slice(0, 1);
      const [received = Infinity] = first.map(({ atMs }) => atMs);
      const [index] = first.map(({ data }) => (data as { index: number }).index);
      const { body: trace } = await api.trace(run.id, index);
      const { openai, credentials } = stack().file;
      const answer = await fetch(new URL(`/emissions/${trace.marks.completion_id}`, openai), {
        headers: { authorization: `Bearer ${credentials.openai}` },
      });
      const { writes } = (await answer.json()) as Emissions;
      expect(writes.length).toBeGreaterThan(1);
      expect(received).toBeGreaterThan(writes[0]?.t_ms ?? Infinity);
      expect(received).toBeLessThan(writes.at(-1)?.t_ms ?? 0);
    });

    test('goes on with the run when the client disconnects', async () => {
      const gone = new AbortController();
      const response = await fetch(`${stack().file.api}/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: 'Explain queues.', max_tokens: 40, stream: true }),
        signal: gone.signal,
      });
      const id = response.headers.get('x-everytoken-run-id') ?? '';
      gone.abort();
      const completed = await api.completed(id);
      expect(completed.generations[0]).toMatchObject({
        status: 'completed',
        text: expect.stringMatching(/\w/),
      });
    });
  });
