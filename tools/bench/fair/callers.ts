import { setTimeout as delay } from 'node:timers/promises';

/** A caller of a stack, by its key. */
export type Caller = {
  /** Sends a request with JSON; resolves to status, Retry-After in ms and the whole body. */
  send(path: string, body?: object, method?: string): Promise<Answer>;
};
type Answer = { status: number; retryAfterMs: number; text: string };

export const callerOf = (api: string, key: string): Caller => ({
  send: async (path, body, method = body === undefined ? 'GET' : 'POST') => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: { 'x-api-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1000,
      text,
    };
  },
});

const RUN = { prompt: 'Say a few words.', max_tokens: 50, index: false };
const CHAT = { messages: [{ role: 'user', content: RUN.prompt }], max_tokens: 50, index: false };
const POLL_MS = 25;
const LIMIT_MS = 120_000;

/** Sends a run and waits for its answer. @throws {Error} unless it is answered with 201 */
export const direct = async (caller: Caller): Promise<void> => {
  const { status, text } = await caller.send('/runs', RUN);
  if (status !== 201) throw new Error(`the quiet caller was answered ${status}: ${text.slice(0, 300)}`);
};

/** Sends a background run and polls it until it has ended. @throws {Error} when that takes two minutes */
export const background = async (caller: Caller): Promise<void> => {
  const { id } = JSON.parse((await caller.send('/runs', { ...RUN, background: true })).text);
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; ) {
    const { status } = JSON.parse((await caller.send(`/runs/${id}`)).text);
    if (status === 'completed') return;
    if (status === 'failed') throw new Error(`run ${id} failed`);
    await delay(POLL_MS);
  }
  throw new Error(`run ${id} of the quiet caller did not end within ${LIMIT_MS / 1000} s`);
};

/** Requests of a noisy caller that were answered or queued, and those refused with 429. */
export type Noise = { answered: number; refused: number };

/** Keeps `clients` requests open, whole and as OpenAI's streams, until `signal`; a refused one waits for Retry-After. */
export const floodDirectly = async (caller: Caller, signal: AbortSignal, clients: number): Promise<Noise> => {
  const noise: Noise = { answered: 0, refused: 0 };
  const client = async (_: unknown, at: number) => {
    while (!signal.aborted) {
      const { status, retryAfterMs } = await (at % 2
        ? caller.send('/v1/chat/completions', { ...CHAT, stream: true })
        : caller.send('/runs', RUN));
      if (status === 429) noise.refused += 1;
      else noise.answered += 1;
      if (status === 429) await delay(retryAfterMs, undefined, { signal }).catch(() => {});
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return noise;
};

const LINES = 200;
const RUNS = 200;

/**
 * Sends a file of 200 lines and ten background runs a second, 200 at most, until `signal`; then gives up what has not
 * begun.
 */
export const floodQueue = async (caller: Caller, signal: AbortSignal): Promise<Noise> => {
  const lines = Array.from({ length: LINES }, (_, seed) => `${JSON.stringify({ ...RUN, seed })}\n`).join('');
  const asked = { filename: 'noise.jsonl', size_bytes: Buffer.byteLength(lines) };
  const file = JSON.parse((await caller.send('/files', asked)).text);
  const { url, method, headers } = file.upload;
  await fetch(url, { method, headers, body: lines });
  const ids: string[] = [];
  const noise: Noise = { answered: 0, refused: 0 };
  while (!signal.aborted) {
    if (ids.length < RUNS) {
      const { status, text } = await caller.send('/runs', { ...RUN, background: true });
      if (status === 202) ids.push(JSON.parse(text).id);
      else noise.refused += 1;
    }
    await delay(100, undefined, { signal }).catch(() => {});
  }
  await caller.send(`/files/${file.id}`, undefined, 'DELETE');
  for (const id of ids) await caller.send(`/runs/${id}/cancel`, {}, 'POST');
  return { ...noise, answered: ids.length };
};
