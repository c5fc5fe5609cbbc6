import { Hono } from 'hono';
import type { Comparison, ComparisonEstimate, ExportRow } from '../../../../client/index.ts';
import { listen } from '../../listen.ts';

type Answers = {
  /** The answers of GET /comparisons/{id}: each of them once, the last one again and again. */
  comparisons: Comparison[];
  rows?: ExportRow[];
  /** Refuses estimates with these errors. */
  refused?: { path: string; message: string }[];
  estimate?: Partial<ComparisonEstimate>;
};

export type ComparisonServer = {
  url: string;
  /** All requests so far, as `POST /comparisons`. */
  requests: string[];
  /** The bodies of POST /comparisons and its estimate. */
  bodies: unknown[];
  close(): void;
};

const range = (low: number, high: number) => ({ low, typical: null, high });

const ESTIMATE: ComparisonEstimate = {
  object: 'comparison.estimate',
  blocks: 24,
  generations: 48,
  warm_ups: 1,
  prompt_tokens: range(100, 200),
  completion_tokens: range(300, 4_000),
  tokens: range(400, 4_200),
  cost_usd: range(0.01, 0.25),
  unpriced: [],
  wall_time_ms: range(10_000, 90_000),
  blocks_at_once: 4,
  settings: [],
  budget: null,
  based_on: [],
};

/** A server that answers as the API does about one comparison. */
export const serveComparison = async ({
  comparisons,
  rows = [],
  refused,
  estimate = {},
}: Answers): Promise<ComparisonServer> => {
  const requests: string[] = [];
  const bodies: unknown[] = [];
  const left = [...comparisons];
  const app = new Hono()
    .use(async (c, next) => {
      requests.push(`${c.req.method} ${new URL(c.req.url).pathname}`);
      await next();
    })
    .post('/comparisons/estimate', async (c) => {
      const body = await c.req.json();
      bodies.push(body);
      if (refused)
        return c.json(
          { status: 400, code: 'invalid_input', detail: 'not valid', errors: refused },
          { status: 400, headers: { 'content-type': 'application/problem+json' } },
        );
      const settings = (body.settings ?? []).map((setting: { label: string; model?: string }) => ({
        label: setting.label,
        model: setting.model ?? 'gpt-6-luna',
      }));
      return c.json({ ...ESTIMATE, settings, ...estimate });
    })
    .post('/comparisons', async (c) => {
      bodies.push(await c.req.json());
      return c.json(comparisons[0] as object, 202);
    })
    .get('/comparisons', (c) => c.json({ data: comparisons.slice(-1), next_cursor: null }))
    .get('/comparisons/:id', (c) => c.json((left.length > 1 ? left.shift() : left[0]) as object))
    .post('/comparisons/:id/cancel', (c) => c.json(comparisons.at(-1) as object))
    .get('/runs', (c) => c.body(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  return { ...(await listen(app)), requests, bodies };
};
