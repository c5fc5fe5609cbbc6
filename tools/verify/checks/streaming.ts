import { createParser } from 'eventsource-parser';
import type { Emissions } from '../../../local/openai/emissions.ts';
import { restEvent } from '../../../test/fixtures/rest-event.ts';
import type { Deployment } from '../deployment.ts';
import type { Gateway } from '../gateway.ts';
import { must, type Report, same } from '../report.ts';
import { bodyOf, type IntegrationResponse, integrationResponseOf } from '../runtime/integration-response.ts';
import type { Arrival, Outcome } from '../runtime/outcome.ts';

const TOKENS = 30;
const TOKENS_A_SECOND = 20;
/** How many tokens the model may be ahead of the arrivals. */
const MOST_BEHIND = 5;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** A server-sent event with the instant its last byte arrived. */
type Received = { name: string; data: unknown; atMs: number };

/** Parses the events of a body that arrived in pieces; leaves out OpenAI's `[DONE]`. */
const eventsOf = (arrivals: readonly Arrival[]): Received[] => {
  const events: Received[] = [];
  let now = 0;
  const parser = createParser({
    onEvent: ({ event = '', data }) => {
      if (data !== '[DONE]') events.push({ name: event, data: JSON.parse(data), atMs: now });
    },
  });
  const decoder = new TextDecoder();
  for (const { atMs, bytes } of arrivals) {
    now = atMs;
    parser.feed(decoder.decode(bytes, { stream: true }));
  }
  return events;
};

/** Checks streamed answers: their format, the arrival times of their pieces, and clients that disconnect. */
export const checkStreaming = async (
  { functionOf, sandbox, services, runs }: Deployment,
  gateway: Gateway,
  { part, check }: Report,
): Promise<void> => {
  part('REST API: streamed answers');
  const request = (prompt: string, own: object = {}) => ({
    ...{ prompt, max_tokens: TOKENS, stream: true, index: false, extra_body: { pace: TOKENS_A_SECOND } },
    ...own,
  });
  let outcome: Outcome | undefined;
  let answer: IntegrationResponse | undefined;
  let events: Received[] = [];

  await check('POST /runs with stream answers with metadata, eight NUL bytes, then the body', async () => {
    const environment = await sandbox(functionOf('http'));
    outcome = await environment.invoke(restEvent({ body: JSON.stringify(request('Explain HNSW.')) }));
    answer = integrationResponseOf(outcome);
    same('the status', answer.status, 200);
    must(answer.headers['content-type']?.startsWith('text/event-stream'), JSON.stringify(answer.headers));
    must(!answer.body.includes(0), 'there is a NUL byte in the body');
    return `${answer.preludeBytes} bytes, then ${answer.body.length}`;
  });

  await check('its events begin with run.created and end with run.completed', async () => {
    must(outcome && answer, 'there was no answer');
    events = eventsOf(bodyOf(outcome.arrivals, answer.preludeBytes));
    const names = events.map(({ name }) => name);
    same('the first and the last event', [names[0], names.at(-1)], ['run.created', 'run.completed']);
    return `${names.length} events`;
  });

  const writesOf = async (runId: string): Promise<Emissions['writes']> => {
    const trace = await fetch(`${gateway.url}/runs/${runId}/generations/0/trace`);
    await gateway.latest();
    const { marks } = (await trace.json()) as { marks: { completion_id: string } };
    const { url, apiKey } = services.openai;
    const answer = await fetch(new URL(`/emissions/${marks.completion_id}`, url), {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    const { writes } = (await answer.json()) as Emissions;
    return writes;
  };

  await check('its tokens arrive as the model writes them, not at the end', async () => {
    const tokens = events.filter(({ name }) => name === 'generation.token');
    const run = events.at(-1)?.data as { id: string } | undefined;
    must(run && tokens.length > 10, `there were ${tokens.length} tokens`);
    const writes = await writesOf(run.id);
    const delays = tokens.map(({ atMs }, at) => atMs - (writes[at]?.t_ms ?? Number.NaN));
    const late = tokens.filter(({ atMs }, at) => atMs > (writes[at + MOST_BEHIND]?.t_ms ?? Infinity));
    const lastMs = writes.at(-1)?.t_ms ?? Number.NaN;
    must(
      (tokens[0]?.atMs ?? Infinity) < lastMs,
      'the first token arrived after the model had written the last one',
    );
    must(
      late.length <= tokens.length / 10,
      `${late.length} of ${tokens.length} arrived after the model had written ${MOST_BEHIND} more`,
    );
    const most = Math.max(...delays);
    return `${tokens.length} tokens, ${median(delays).toFixed(1)} ms after they were written (median), ${most.toFixed(1)} ms at most`;
  });

  await check('the gateway passes the stream on to a client', async () => {
    const response = await post(request('Explain IVF.', { max_tokens: 5 }));
    same('the status', response.status, 200);
    const text = await response.text();
    await gateway.latest();
    must(text.startsWith('event: run.created\n'), `it begins with ${text.slice(0, 30)}`);
    return undefined;
  });

  await check('a client that disconnects stops neither the run nor the function', async () => {
    const gone = new AbortController();
    const response = await post(request('Explain queues.', { index: true }), gone.signal);
    const id = response.headers.get('x-everytoken-run-id') ?? '';
    await response.body?.getReader().read();
    gone.abort();
    same('the status right after the disconnect', (await runs.get(id))?.status, 'generating');
    // Work that the function left undone is frozen from here on.
    await gateway.latest();
    same('the status once the function was free', (await runs.get(id))?.status, 'generated');
    return undefined;
  });

  await check('a client that got 202 after `Prefer: wait` stops neither', async () => {
    const response = await post(request('Explain shards.', { stream: false }), undefined, {
      prefer: 'wait=0',
    });
    const { id } = (await response.json()) as { id: string };
    same('the status', response.status, 202);
    same('the status of the run at the 202', (await runs.get(id))?.status, 'generating');
    await gateway.latest();
    same('the status once the function was free', (await runs.get(id))?.status, 'completed');
    return undefined;
  });

  await check('a run whose function runs out of time is put back before the timeout', async () => {
    const environment = await sandbox(functionOf('http'));
    const body = JSON.stringify(request('Explain indexes.', { max_tokens: 400, extra_body: { pace: 5 } }));
    const timeoutMs = 12_000; // ten seconds of it are reserved for putting the run back
    const began = performance.now();
    const { body: text } = integrationResponseOf(
      await environment.invoke(restEvent({ body }), { timeoutMs }),
    );
    const id = /"id":"(run_[^"]+)"/.exec(text.toString())?.[1] ?? '';
    const run = await runs.get(id);
    same('the status', run?.status, 'queued');
    same('the lease', run?.lease, null);
    return `after ${((performance.now() - began) / 1000).toFixed(1)} s of ${timeoutMs / 1000}`;
  });

  function post(body: object, signal?: AbortSignal, headers: Record<string, string> = {}) {
    return fetch(`${gateway.url}/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  }
};
