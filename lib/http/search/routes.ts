import * as z from 'zod';
import { InvalidInputError, issuesOf } from '../../errors.ts';
import { dropAbsent, isObject } from '../../json/value.ts';
import { INSTANT_RULE, parseInstant } from '../../runs/query-parameters.ts';
import { optional } from '../../runs/request-schema.ts';
import {
  NUMERIC_FIELDS,
  type NumericField,
  type SearchAnswer,
  type SearchFilter,
  type SearchQuery,
} from '../../search/search-query.ts';
import type { Handlers, WithCaller } from '../base-app.ts';
import { readJsonBody } from '../read-request.ts';

export type SearchRoutesDeps = {
  search: (query: SearchQuery, caller: string) => Promise<SearchAnswer>;
};

export const searchRoutes = ({ search }: SearchRoutesDeps, withCaller: WithCaller): Handlers<'/search'> => ({
  '/search': {
    POST: withCaller(async (c, caller) =>
      Response.json(await search(parseSearchBody(await readJsonBody(c.req.raw)), caller)),
    ),
  },
});

const MAX_QUERY_BYTES = 8_000;
const MAX_TOP_K = 100;
const DEFAULT_TOP_K = 10;

const METADATA = 'metadata.';
const INCLUDES = ['vectors'] as const;

const name = (max: number) => optional(z.string().min(1).max(max));
const bound = () => optional(z.number());
const instant = (which: 'since' | 'until') =>
  optional(z.string().refine((text) => parseInstant(text, which, Date.now()) !== undefined, INSTANT_RULE));

/** The fixed fields of a filter; `metadata.KEY` fields are validated separately. */
const searchFilterSchema = z.strictObject({
  model: name(200),
  label: name(100),
  run_id: name(128),
  since: instant('since'),
  until: instant('until'),
  min_tokens: bound(),
  max_tokens: bound(),
  min_ttft_ms: bound(),
  max_ttft_ms: bound(),
  min_tpot_ms: bound(),
  max_tpot_ms: bound(),
  min_e2e_ms: bound(),
  max_e2e_ms: bound(),
  min_seconds_per_token: bound(),
  max_seconds_per_token: bound(),
  min_cost_usd: bound(),
  max_cost_usd: bound(),
});

/** The body of POST /search without its `metadata.KEY` filters. */
export const searchBodySchema = z.strictObject({
  query: z
    .string()
    .refine((text) => text.isWellFormed(), 'must be valid Unicode: it contains a lone surrogate')
    .refine((text) => text.trim() !== '', 'must not be blank')
    .refine(
      (text) => Buffer.byteLength(text) <= MAX_QUERY_BYTES,
      `must be at most ${MAX_QUERY_BYTES} bytes of UTF-8`,
    ),
  top_k: optional(z.int().min(1).max(MAX_TOP_K)),
  filter: optional(searchFilterSchema),
  include: optional(z.array(z.enum(INCLUDES))),
});

const metadataSchema = z
  .record(
    z.string().regex(/^metadata\..{1,64}$/s, 'the key must have 1 to 64 characters'),
    z.string().max(512),
  )
  .refine((pairs) => Object.keys(pairs).length <= 16, 'must have at most 16 pairs');

/**
 * Parses the JSON body of a search; relative times count from `now` (epoch ms).
 *
 * @throws {InvalidInputError} listing every wrong field.
 */
export const parseSearchBody = (body: unknown, now = Date.now()): SearchQuery => {
  if (!isObject(body)) throw new InvalidInputError([{ path: '', message: 'the body must be a JSON object' }]);
  const filter = isObject(body.filter) ? body.filter : {};
  const isMetadata = ([field]: [string, unknown]) => field.startsWith(METADATA);
  const fixed = Object.fromEntries(Object.entries(filter).filter((entry) => !isMetadata(entry)));
  const pairs = Object.entries(filter).filter((entry) => isMetadata(entry) && entry[1] !== null);
  const parsed = searchBodySchema.safeParse(isObject(body.filter) ? { ...body, filter: fixed } : body);
  const metadata = metadataSchema.safeParse(Object.fromEntries(pairs));
  const issues = [
    ...(parsed.error ? issuesOf(parsed.error) : []),
    ...(metadata.error ? issuesOf(metadata.error) : []).map(({ path, message }) => ({
      path: path === '' ? 'filter' : `filter.${path}`,
      message,
    })),
  ];
  if (!parsed.success || !metadata.success) throw new InvalidInputError(issues);
  const { query, top_k, filter: wanted, include } = parsed.data;
  return {
    query,
    topK: top_k ?? DEFAULT_TOP_K,
    filter: toFilter(wanted ?? {}, metadata.data, now),
    ...(include?.includes('vectors') && { includesVectors: true }),
  };
};

const toFilter = (
  wanted: z.output<typeof searchFilterSchema>,
  metadata: Record<string, string>,
  now: number,
): SearchFilter => {
  const pairs = Object.entries(metadata).map(([field, value]) => [field.slice(METADATA.length), value]);
  return dropAbsent({
    model: wanted.model,
    label: wanted.label,
    runId: wanted.run_id,
    since: wanted.since === undefined ? undefined : parseInstant(wanted.since, 'since', now),
    until: wanted.until === undefined ? undefined : parseInstant(wanted.until, 'until', now),
    min: boundsOf(wanted, 'min'),
    max: boundsOf(wanted, 'max'),
    metadata: pairs.length > 0 ? Object.fromEntries(pairs) : undefined,
  });
};

const boundsOf = (
  wanted: z.output<typeof searchFilterSchema>,
  side: 'min' | 'max',
): Partial<Record<NumericField, number>> | undefined => {
  const bounds = NUMERIC_FIELDS.flatMap((field): [NumericField, number][] => {
    const value = wanted[`${side}_${field}`];
    return value === undefined ? [] : [[field, value]];
  });
  return bounds.length > 0 ? Object.fromEntries(bounds) : undefined;
};
