import type { Problem } from '../../lib/http/problem.ts';
import type { Trace } from '../../lib/runs/generation.ts';
import type { RunSummaryView, RunView } from '../../lib/runs/view.ts';
import type { SearchMatch } from '../../lib/search/search-query.ts';
import type { UsageReport } from '../../lib/usage/read.ts';
import { pollUntil } from '../../tools/poll-until.ts';

export type Answer<T> = { status: number; headers: Headers; body: T };

/** The API over plain HTTP, without any code of the project in between. */
export const clientOf = (url: string, key?: string) => {
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url + path, {
      ...init,
      headers: {
        ...(key && { authorization: `Bearer ${key}` }),
        ...(init.headers as Record<string, string>),
      },
    });
  const send = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    call(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const read = async <T>(response: Response | Promise<Response>): Promise<Answer<T>> => {
    const { status, headers, ...answer } = await whole(await response);
    return { status, headers, body: answer.body as T };
  };

  return {
    call,
    send,
    /** POST /runs; the answer is the run, or a problem if the test says so. */
    run: <T = RunView>(body: unknown, headers?: Record<string, string>) =>
      read<T>(send('/runs', body, headers)),
    get: <T = RunView>(path: string) => read<T>(call(path)),
    problem: (path: string, init?: RequestInit) => read<Problem>(call(path, init)),
    remove: (id: string) => read<unknown>(call(`/runs/${id}`, { method: 'DELETE' })),
    trace: (id: string, index = 0) => read<Trace>(call(`/runs/${id}/generations/${index}/trace`)),
    list: (query = '') => read<{ data: RunSummaryView[]; next_cursor: string | null }>(call(`/runs${query}`)),
    usage: (query = '') => read<UsageReport>(call(`/usage${query}`)),
    search: async (query: string, filter?: Record<string, unknown>) =>
      (await read<{ data: SearchMatch[] }>(send('/search', { query, ...(filter && { filter }) }))).body.data,
    /** Resolves to the run once it is `completed`. */
    completed: (id: string, limitMs?: number) =>
      pollUntil(
        `${id} is completed`,
        async () => {
          const { body } = await read<RunView>(call(`/runs/${id}`));
          return body.status === 'completed' && body;
        },
        limitMs,
      ),
  };
};

export type Client = ReturnType<typeof clientOf>;

const whole = async (response: Response): Promise<Answer<unknown>> => {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};
