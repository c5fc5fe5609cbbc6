import { setTimeout as delay } from 'node:timers/promises';
import type { Generation, Trace } from '../../../../lib/runs/generation.ts';
import type { Arrival } from '../reported.ts';
import type { Condition } from './conditions.ts';
import type { Observed } from './path-errors.ts';

/** The scenario of all streams of the path: the clients' part has the others. */
export const SCENARIO = 'steady';

/** `leastMs` is how long a stream takes at the least: a background run is not looked for before. */
export type Sending = { api: string; leastMs: number };

const POLL_EVERY_MS = 50;

/**
 * Sends one request for an output of each key, and resolves to the run's id once the run is completed.
 * @throws {Error} when the answer is not a success
 */
export const sendRequest = async (
  { api, leastMs }: Sending,
  { door, answer }: Pick<Condition, 'door' | 'answer'>,
  keys: readonly number[],
): Promise<string> => {
  const response = await fetch(`${api}${door === 'chat' ? '/v1/chat/completions' : '/runs'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ model: SCENARIO, index: false, messages: [{ role: 'user', content: String(keys[0]) }] },
      ...(keys.length > 1 && { settings: keys.map((seed) => ({ label: `seed ${seed}`, seed })) }),
      ...(door === 'background' ? { background: true } : { stream: answer === 'streamed' }),
    }),
  });
  const text = await response.text();
  const id = response.headers.get('x-everytoken-run-id');
  if (!response.ok || id === null) throw new Error(`the stack answered ${response.status}: ${text}`);
  if (door === 'background') {
    await delay(leastMs);
    while ((await read<{ status: string }>(api, `/runs/${id}`)).status !== 'completed') {
      await delay(POLL_EVERY_MS);
    }
  }
  return id;
};

/** A generation of a run that has ended, by its index, and the key of its stream. */
export type Place = { id: string; index: number; key: number };

/**
 * Reads a generation's figures and its trace as the API shows them.
 * @throws {Error} when the generation failed
 */
export const readRecord = async (api: string, { id, index, key }: Place): Promise<Observed> => {
  const path = `/runs/${id}/generations/${index}`;
  const generation = await read<Generation>(api, path);
  const { marks, chunks } = await read<Trace>(api, `${path}/trace`);
  const { timing, text } = generation;
  if (timing === null || text === null)
    throw new Error(`the run ${id} failed: ${JSON.stringify(generation.error)}`);
  let chars = 0;
  const arrivals = chunks.map(({ t_ms, text }): Arrival => {
    chars += text.length;
    return { tMs: t_ms, chars };
  });
  return {
    ...{ key, text, arrivals, t0: marks.t0_monotonic_ms },
    ttftMs: timing.ttft_ms,
    ttltMs: timing.ttlt_ms,
    e2eMs: timing.e2e_ms,
    tpotMs: timing.tpot_ms,
    coldStart: timing.cold_start,
    attempts: 1 + generation.attempts.length,
    ...boundOf(timing),
  };
};

/** Older functions give no bound. */
const boundOf = (
  timing: Generation['timing'] & { uncertainty_ms?: number | null; uncertain?: string[] },
): Pick<Observed, 'uncertaintyMs' | 'uncertain'> => ({
  uncertaintyMs: timing.uncertainty_ms ?? null,
  uncertain: timing.uncertain ?? [],
});

const read = async <T>(api: string, path: string): Promise<T> => {
  const response = await fetch(`${api}${path}`);
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
};
