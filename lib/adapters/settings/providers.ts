import * as z from 'zod';
import type { OwnPrices } from '../../pricing/prices.ts';
import { orderRows } from '../../sampling/catalogue.ts';
import {
  type CatalogueRow,
  EFFORT_TAKEN,
  MODEL_APIS,
  type ModelApi,
  type ModelLife,
  type ModelSampling,
  TAKES,
  WHEN_TAKEN,
} from '../../sampling/catalogue-row.ts';
import { type ModelAliases, SERVER_KINDS, type ServerKind } from '../../sampling/server.ts';
import type { SecretSource } from './secrets.ts';

/** A further model server, for models named `provider/model`. */
export type ProviderSettings = {
  baseUrl: string;
  apiKey: SecretSource;
  kind: ServerKind | undefined;
  api: ModelApi | undefined;
};

const day = z.iso.date('must be a date such as 2026-11-22');
const text = z.string().min(1, 'must not be empty');

const provider = z
  .strictObject({
    base_url: z.url({ protocol: /^https?$/, error: 'must be a URL such as https://api.groq.com/openai/v1' }),
    api_key: text.optional(),
    api_key_parameter: text.optional(),
    server: z.enum(SERVER_KINDS).optional(),
    api: z.enum(MODEL_APIS).optional(),
  })
  .transform(
    ({ base_url, api_key: value, api_key_parameter: parameter, server, api }): ProviderSettings => ({
      baseUrl: base_url,
      // The SDK requires some key and sends it, so a server without keys gets the key "none".
      apiKey: value === undefined && parameter !== undefined ? { parameter } : { value: value ?? 'none' },
      kind: server,
      api,
    }),
  );

/**
 * The variable `PROVIDERS`: maps a name to `base_url`, `api_key` or `api_key_parameter`, and `server`, the kind of server
 * when its host does not identify it, and `api`, the API of its models.
 */
export const providersSchema = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z0-9][\w.-]{0,63}$/,
        'is not a valid provider name: use letters and digits, and . _ - after the first',
      )
      .refine((name) => name !== 'default', 'is not a valid provider name: it means the default server'),
    provider,
  )
  .transform((providers) => new Map(Object.entries(providers)));

/** The variable `MODEL_ALIASES`: maps a name that requests give to the model that it stands for. */
export const modelAliasesSchema = z
  .record(text, text)
  .transform((aliases): ModelAliases => new Map(Object.entries(aliases)));

const takes = z.enum(TAKES).exactOptional();
const when = z.enum(WHEN_TAKEN).exactOptional();

const row = z.strictObject({
  api: z.enum(MODEL_APIS).exactOptional(),
  temperature: when,
  top_p: when,
  top_k: takes,
  logprobs: takes,
  include_usage: takes,
  reasoning_effort: z.enum(EFFORT_TAKEN).exactOptional(),
  tools: when,
  token_limit: z.enum(['max_tokens', 'max_completion_tokens']).exactOptional(),
  prompt_overhead: z.int().min(0).max(1_000_000).exactOptional(),
  extra: z.record(text, z.enum(TAKES)).exactOptional(),
  shutdown_date: day.nullable().exactOptional(),
  retired_on: day.nullable().exactOptional(),
  replacement: text.nullable().exactOptional(),
}) satisfies z.ZodType<Partial<ModelSampling> & Partial<ModelLife>>;

/**
 * The variable MODEL_CATALOGUE: maps a model name as runs give it, or a prefix of names followed by `*`, to properties
 * that override the built-in ones.
 */
export const catalogueSchema = z
  .record(
    text.refine((name) => !name.slice(0, -1).includes('*'), 'may contain * only at its end'),
    row,
  )
  .transform((rows): CatalogueRow[] =>
    orderRows(Object.entries(rows).map(([pattern, overrides]) => ({ pattern, overrides }))),
  );

const rate = z.number('must be a number of US dollars per million tokens').min(0, 'must not be below 0');

/** The variable `PRICES`: maps a model name as runs give it to USD per million tokens, with their source and date. */
export const pricesSchema = z.record(
  text,
  z
    .strictObject({
      input: rate,
      cached: rate.optional(),
      output: rate,
      source: z.string('is required: where the price is published').min(1, 'must not be empty'),
      as_of: z.iso.date('is required: the date of the price, such as 2026-11-22'),
    })
    .transform(({ cached, ...price }) => ({ ...price, cached: cached ?? price.input })),
) satisfies z.ZodType<OwnPrices>;

/**
 * The catalogue rows of one provider, with `provider/` removed from their patterns. The default server (null) gets the
 * rows that belong to no configured provider.
 */
export const rowsOf = (
  rows: readonly CatalogueRow[],
  provider: string | null,
  providers: readonly string[],
): CatalogueRow[] =>
  provider === null
    ? rows.filter(({ pattern }) => !providers.some((name) => pattern.startsWith(`${name}/`)))
    : rows
        .filter(({ pattern }) => pattern.startsWith(`${provider}/`))
        .map(({ pattern, overrides }) => ({ pattern: pattern.slice(provider.length + 1), overrides }));
