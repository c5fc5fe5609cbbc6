import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Trace } from '../../../client/index.ts';
import type { RunSummaryView, RunView } from '../../../lib/runs/view.ts';
import { listen } from '../listen.ts';

export type ApiServer = {
  url: string;
  /** All requests so far, as `GET /runs?limit=1`. */
  requests: string[];
  /** The bodies of POST /runs. */
  bodies: Record<string, unknown>[];
  close(): void;
};

type Answers = {
  /** The answer of GET /runs/{id}; asked again and again, each of them and then the last one. */
  runs?: RunView[];
  list?: RunSummaryView[];
  trace?: Trace;
  /** The events of a streamed run; the stream stays open when the last of them is no `run.completed` and no `error`. */
  events?: [name: string, data: unknown][];
  models?: unknown;
  /** The answers of other paths, for GET and for POST; anything can be deleted that is here. */
  others?: Record<string, unknown>;
};

const MISSING = { status: 404, code: 'not_found', detail: 'there is no such thing' };

/** A server that answers as the API does, with these answers. */
export const serveApi = async ({
  runs = [],
  list = [],
  trace,
  events = [],
  models,
  others = {},
}: Answers): Promise<ApiServer> => {
  const requests: string[] = [];
  const bodies: Record<string, unknown>[] = [];
  const left = [...runs];
  const app = new Hono()
    .use(async (c, next) => {
      const { pathname, search } = new URL(c.req.url);
      requests.push(`${c.req.method} ${pathname}${search}`);
      await next();
    })
    .get('/runs', (c) => {
      const from = Number(c.req.query('cursor') ?? 0);
      const to = from + Number(c.req.query('limit') ?? 20);
      return c.json({ data: list.slice(from, to), next_cursor: to < list.length ? `${to}` : null });
    })
    .get('/runs/:id/generations/:index/trace', (c) => c.json(trace ?? null, trace ? 200 : 404))
    .get('/runs/:id', (c, next) => {
      if (Object.hasOwn(others, c.req.path)) return next();
      const run = left.length > 1 ? left.shift() : left[0];
      return run ? c.json(run) : c.json(MISSING, 404);
    })
    .get('/models', (c) => c.json(models as object))
    .delete('*', (c) => (Object.hasOwn(others, c.req.path) ? c.body(null, 204) : c.json(MISSING, 404)))
    .post('/runs', async (c) => {
      const body = await c.req.json<Record<string, unknown>>();
      bodies.push(body);
      if (!body.stream) return c.json(left[0] ?? null, 202);
      return streamSSE(c, async (stream) => {
        for (const [event, data] of events) await stream.writeSSE({ event, data: JSON.stringify(data) });
        const last = events.at(-1)?.[0];
        if (last !== 'run.completed' && last !== 'error')
          await new Promise<void>((resolve) => stream.onAbort(resolve));
      });
    });
  app.all('*', (c) => {
    const answer = new Map(Object.entries(others)).get(c.req.path);
    return answer === undefined ? c.json(MISSING, 404) : c.json(answer as object);
  });
  return { ...(await listen(app)), requests, bodies };
};

/** All that a text may try: styles, titles, C1 controls, bidirectional overrides, combining marks, lines without end. */
export const HOSTILE = [
  '\x1b[31mred\x1b[2J\x1b[H',
  '\x1b]0;title\x07\x1b]8;;http://example.com\x07link\x1b]8;;\x07',
  '\x9b31mC1\x90dcs\x9c\x85next',
  'over\u202eride\u2066isolate\u200f',
  `e${'\u0301'.repeat(60)}`,
  `${'w'.repeat(500)} ${'語'.repeat(200)}`,
  'back\b\b\b\0null\x7f\rreturn \ud800 half',
].join(' ');

/** Characters that no command may print: controls other than line ends and tabs, and bidirectional controls. */
export const UNPRINTABLE = /[^\P{Cc}\n\t]|\p{Bidi_Control}|\p{Cs}/u;
