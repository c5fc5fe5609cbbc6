import { setTimeout as delay } from 'node:timers/promises';
import type { Generation, Trace } from '../../../../lib/runs/generation.ts';
import type { Arrival } from '../reported.ts';
import type { Answer, Door } from './conditions.ts';
import type { Observed } from './path-errors.ts';

/** The scenario of all streams of the path: the clients' part has the others. */
const MODEL = 'steady';

/** `expectMs` is how long a stream takes at the least: a background run is not looked for before. */
export type Sending = { api: string; expectMs: number };

/**
 * Sends one request and resolves to the run's id once its client has the whole answer.
 * @throws {Error} when the answer is not a success
 */
export const sendRequest = async (
  { api, expectMs }: Sending,
  { door, answer }: { door: Door; answer: Answer },
  key: number,
): Promise<string> => {
  const messages = [{ role: 'user', content: String(key) }];
  const stream = door !== 'queue' && answer === 'streamed';
  const response = await fetch(`${api}${door === 'chat' ? '/v1/chat/completions' : '/runs'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ model: MODEL, messages, index: false, stream },
      ...(door === 'queue' && { background: true }),
    }),
  });
  const text = await response.text();
  const id = response.headers.get('x-everytoken-run-id');
  if (!response.ok || id === null) throw new Error(`the stack answered ${response.status}: ${text}`);
  if (door === 'queue') {
    await delay(expectMs);
    while ((await read<{ status: string }>(api, `/runs/${id}`)).status !== 'completed') await delay(50);
  }
  return id;
};

/**
 * Reads the figures of a run's one generation as the API shows them, its trace included.
 * @throws {Error} when the generation failed
 */
export const readRecord = async (api: string, id: string, key: number): Promise<Observed> => {
  const generation = await read<Generation>(api, `/runs/${id}/generations/0`);
  const { marks, chunks } = await read<Trace>(api, `/runs/${id}/generations/0/trace`);
  const { timing, text } = generation;
  if (timing === null || text === null)
    throw new Error(`the run ${id} failed: ${JSON.stringify(generation.error)}`);
  let chars = 0;
  const arrivals = chunks.map(({ t_ms, text }): Arrival => {
    chars += text.length;
    return { tMs: t_ms, chars };
  });
  const { uncertainty_ms = null }: { uncertainty_ms?: number | null } & typeof timing = timing; // older functions have none
  return {
    ...{ key, text, arrivals, t0: marks.t0_monotonic_ms },
    ttftMs: timing.ttft_ms,
    ttltMs: timing.ttlt_ms,
    e2eMs: timing.e2e_ms,
    tpotMs: timing.tpot_ms,
    uncertaintyMs: uncertainty_ms,
  };
};

const read = async <T>(api: string, path: string): Promise<T> => {
  const response = await fetch(`${api}${path}`);
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
};
