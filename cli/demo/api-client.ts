import { createParser } from 'eventsource-parser';
import type { Problem } from '../../lib/http/problem.ts';
import { DemoError } from './demo-error.ts';

/** everytoken's HTTP API, as any client meets it. Every method throws `DemoError` with what the API said. */
export type ApiClient = {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** Resolves when the stream has ended; an `error` event throws. */
  stream(path: string, body: unknown, onEvent: (name: string, data: unknown) => void): Promise<void>;
};

export const makeApiClient = (api: string, key?: string): ApiClient => {
  const send = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const answer = await fetch(`${api}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: Error) => {
      throw new DemoError(`${method} ${path} got no answer (${reasonOf(cause)})`, { cause });
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

const problemError = (request: string, { code, detail, status }: Partial<Problem>): DemoError =>
  new DemoError(`${request}: ${detail ?? 'refused'} (${code ?? status})`);

const refusalOf = async (request: string, answer: Response): Promise<DemoError> => {
  const problem = await answer.json().catch(() => ({}));
  return problemError(request, { status: answer.status, ...(problem as Partial<Problem>) });
};

const reasonOf = (error: Error): string =>
  (error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.message;
