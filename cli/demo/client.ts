import { setTimeout as pause } from 'node:timers/promises';
import { Pinecone } from '@pinecone-database/pinecone';
import { createParser } from 'eventsource-parser';
import type { Problem } from '../../lib/http/problem.ts';
import type { Generation } from '../../lib/runs/generation.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { CommandError } from '../command.ts';

const POLL_EVERY_MS = 100;

/** A client of everytoken's HTTP API. Every method throws `CommandError` with the API's own problem detail. */
export type ApiClient = {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Resolves at the end of the stream; rejects on an `error` event. */
  stream(path: string, body: unknown, onEvent: (name: string, data: unknown) => void): Promise<void>;
};

export const makeApiClient = (api: string, key?: string): ApiClient => {
  const send = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const answer = await fetch(`${api}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: Error) => {
      throw new CommandError(`${method} ${path} got no answer (${reasonOf(cause)})`, { cause });
    });
    if (!answer.ok) throw await refusalOf(`${method} ${path}`, answer);
    return answer;
  };
  return {
    get: async <T>(path: string) => (await send('GET', path)).json() as Promise<T>,
    post: async <T>(path: string, body: unknown) => (await send('POST', path, body)).json() as Promise<T>,
    stream: async (path, body, onEvent) => {
      const { body: bytes } = await send('POST', path, body);
      const parser = createParser({
        onEvent: ({ event = 'message', data }) => {
          const content: unknown = JSON.parse(data);
          if (event === 'error') throw problemError(`POST ${path}`, content as Problem);
          onEvent(event, content);
        },
      });
      const decoder = new TextDecoder();
      for await (const chunk of bytes ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
    },
  };
};

const problemError = (request: string, { code, detail, status }: Partial<Problem>): CommandError =>
  new CommandError(`${request}: ${detail ?? 'refused'} (${code ?? status})`);

const refusalOf = async (request: string, answer: Response): Promise<CommandError> => {
  const problem = await answer.json().catch(() => ({}));
  return problemError(request, { status: answer.status, ...(problem as Partial<Problem>) });
};

const reasonOf = (error: Error): string =>
  (error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.message;

type Progress = {
  /** Called with a generation's text so far. */
  onText?: (index: number, text: string) => void;
  /** Called with the number of ended generations. */
  onEnded?: (count: number) => void;
};

/** Posts a run and follows its stream to the end. Resolves to the run's id; throws `CommandError` if the run fails. */
export const followRun = async (
  client: ApiClient,
  body: { stream: boolean },
  { onText, onEnded }: Progress,
): Promise<string> => {
  const texts = new Map<number, string>();
  let id: string | undefined;
  let ended = 0;
  const setText = (index: number, text: string) => {
    texts.set(index, text);
    onText?.(index, text);
  };
  await client.stream('/runs', body, (name, data) => {
    if (name === 'run.created') ({ id } = data as RunView);
    if (name === 'generation.token') {
      const { index, text } = data as { index: number; text: string };
      setText(index, (texts.get(index) ?? '') + text);
    }
    if (name === 'generation.restarted') setText((data as { index: number }).index, '');
    if (name === 'generation.completed') {
      ended += 1;
      onEnded?.(ended);
    }
  });
  if (id === undefined) throw new CommandError('POST /runs: the stream ended without a run.created event');
  return id;
};

/** Reads a run from the API. Throws `CommandError` if the run or one of its generations has failed. */
export const readRun = async (client: ApiClient, id: string): Promise<RunView> => {
  const run = await client.get<RunView>(`/runs/${id}`);
  if (run.error) throw new CommandError(`run ${id} failed: ${run.error.message} (${run.error.code})`);
  const failed = run.generations.find(({ status }: Generation) => status === 'failed');
  if (failed) {
    throw new CommandError(`'${failed.label}' failed: ${failed.error?.message} (${failed.error?.code})`);
  }
  return run;
};

type VectorService = { pinecone: string; index: string; apiKey: string };

/** The number of vectors by the index's own statistics, over all namespaces. */
export const countVectors = async ({ pinecone, index, apiKey }: VectorService): Promise<number> => {
  const client = new Pinecone({ apiKey, controllerHostUrl: pinecone });
  const { host } = await client.indexes.describe(index);
  const { totalRecordCount = 0 } = await client.index({ host: host ?? '' }).describeIndexStats();
  return totalRecordCount;
};

/** Polls until a value is as wanted, or `limitMs` have passed. Resolves to the last value read in both cases. */
export const readUntil = async <T>(
  read: () => Promise<T>,
  isWanted: (value: T) => boolean,
  limitMs: number,
): Promise<T> => {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isWanted(value) || performance.now() > end) return value;
    await pause(POLL_EVERY_MS);
  }
};
