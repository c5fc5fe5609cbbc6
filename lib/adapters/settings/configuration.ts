import * as z from 'zod';
import { ConfigurationError, type InputIssue, issuesOf } from '../../errors.ts';
import type { DeploymentLimits } from '../../limits/caller-limits.ts';
import type { QueueUrls } from '../../operate/operations.ts';
import type { OwnPrices } from '../../pricing/prices.ts';
import type { CatalogueRow } from '../../sampling/catalogue-row.ts';
import type { ModelAliases } from '../../sampling/server.ts';
import {
  catalogueSchema,
  modelAliasesSchema,
  type ProviderSettings,
  pricesSchema,
  providersSchema,
} from './providers.ts';
import type { SecretSource } from './secrets.ts';

export type Configuration = {
  tableName: string;
  /** Names this deployment in what it shares with others, such as a vector index. */
  deployment: string;
  contentBucket: string;
  busName: string;
  jobsQueueUrl: string;
  intakeQueueUrl: string;
  /** Only of the functions that accept, write or move exports. */
  exportQueueUrl: string | undefined;
  /** All queues, for the function that shows operations. */
  queueUrls: QueueUrls;
  openai: { baseUrl: string | undefined; apiKey: SecretSource };
  defaultModel: string;
  allowedModels: string[] | undefined;
  /** Further model servers by name. */
  providers: ReadonlyMap<string, ProviderSettings>;
  /** Names that requests may give to models. */
  modelAliases: ModelAliases;
  /** The operator's entries in the model catalogue, least specific first. */
  catalogue: CatalogueRow[];
  /** The operator's own prices, by model name as runs give it. */
  prices: OwnPrices;
  embedding: { baseUrl: string | undefined; apiKey: SecretSource; model: string; dimensions: number };
  pinecone: {
    controllerHost: string | undefined;
    apiKey: SecretSource;
    index: string;
    namespacePrefix: string;
  };
  retentionDays: number | undefined;
  /** Metadata keys by which usage is summed. */
  usageKeys: string[];
  apiKeys: string | undefined;
  anonymousCaller: string | undefined;
  /** Limits of each caller, and the share of a single one. */
  callerLimits: DeploymentLimits;
  /** CloudWatch namespace of all metrics. */
  metricsNamespace: string;
  /** How the gateway transfers responses of POST /runs: `BUFFERED` where it cannot stream. */
  transferMode: 'STREAM' | 'BUFFERED';
};

const required = z.string('is required');
const optional = z.string().optional();
const url = z.url('must be a URL such as https://api.openai.com/v1').optional();
const positive = z.coerce.number('must be a number').int().positive();

/**
 * An environment variable that holds JSON of the given shape. A problem is reported by its path under the variable's
 * name and never by its value, which may be a secret.
 */
const jsonSetting = <T extends z.ZodType>(schema: T) =>
  z.string().transform((text, context): z.output<T> => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { path, message } of issuesOf(parsed.error))
      context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message });
    return z.NEVER;
  });

const MAX_USAGE_KEYS = 8;

/** The names in a text with commas between them, each once. */
export const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];

const names = (what: string) =>
  z
    .string()
    .transform(namesIn)
    .refine(
      (given) => given.length <= MAX_USAGE_KEYS && given.every((name) => name.length <= 64),
      `must be at most ${MAX_USAGE_KEYS} ${what} of 1 to 64 characters, with commas between them`,
    );

/** The variable `QUEUE_URLS`, of the function that shows operations alone. */
const queueUrlsSchema = z.record(
  z.string(),
  z
    .strictObject({ url: z.string().nullable(), dead_letters: z.string() })
    .transform(({ url, dead_letters: deadLetters }) => ({ url, deadLetters })),
);

const environment = z.object({
  TABLE_NAME: required,
  DEPLOYMENT_ID: z
    .string()
    .regex(/^[\w.:/-]{1,128}$/, 'must be 1 to 128 letters, digits and characters of _ . : / -')
    .optional(),
  CONTENT_BUCKET: required,
  BUS_NAME: required,
  JOBS_QUEUE_URL: required,
  INTAKE_QUEUE_URL: required,
  EXPORT_QUEUE_URL: optional,
  QUEUE_URLS: jsonSetting(queueUrlsSchema).optional(),
  OPENAI_API_KEY: optional,
  OPENAI_API_KEY_PARAMETER: optional,
  OPENAI_BASE_URL: url,
  DEFAULT_MODEL: z.string().default('gpt-6-luna'),
  ALLOWED_MODELS: optional,
  PROVIDERS: jsonSetting(providersSchema).optional(),
  MODEL_ALIASES: jsonSetting(modelAliasesSchema).optional(),
  MODEL_CATALOGUE: jsonSetting(catalogueSchema).optional(),
  PRICES: jsonSetting(pricesSchema).optional(),
  EMBEDDING_API_KEY: optional,
  EMBEDDING_API_KEY_PARAMETER: optional,
  EMBEDDING_BASE_URL: url,
  EMBEDDING_MODEL: z.string().default('text-embedding-3-small'),
  EMBEDDING_DIMENSIONS: positive.default(1536),
  PINECONE_API_KEY: optional,
  PINECONE_API_KEY_PARAMETER: optional,
  PINECONE_CONTROLLER_HOST: url,
  PINECONE_INDEX: z.string().default('autogen-text'),
  PINECONE_NAMESPACE: z.string().default(''),
  RETENTION_DAYS: positive.optional(),
  USAGE_KEYS: names('keys of metadata').optional(),
  EVERYTOKEN_API_KEYS: optional,
  ANONYMOUS_CALLER: optional,
  CALLER_REQUESTS_PER_SECOND: positive.optional(),
  CALLER_RUNS_IN_FLIGHT: positive.optional(),
  WORKERS: positive.optional(),
  DIRECT_RUNS: positive.optional(),
  KEPT_FOR_OTHERS_PERCENT: z.coerce
    .number('must be a number')
    .int()
    .min(0, 'must be 0 to 90')
    .max(90, 'must be 0 to 90')
    .default(0),
  METRICS_NAMESPACE: z.string().default('everytoken'),
  TRANSFER_MODE: z.enum(['STREAM', 'BUFFERED']).default('STREAM'),
});

/** Reads the variables; an empty one counts as missing. */
const parseEnvironment = (env: Record<string, string | undefined>) =>
  environment.safeParse(
    Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== '')),
  );

/** The problems of environment variables, by name: missing ones, and invalid ones with the path below the name. */
export const environmentProblems = (env: Record<string, string | undefined>): InputIssue[] => {
  const { error } = parseEnvironment(env);
  return error ? issuesOf(error) : [];
};

/**
 * Reads the configuration from environment variables; an empty variable counts as missing.
 * @throws {ConfigurationError} When variables are missing or invalid; one error lists every problem.
 *
 * @example
 * const { tableName, providers } = configurationOf(process.env);
 */
export const configurationOf = (env: Record<string, string | undefined>): Configuration => {
  const parsed = parseEnvironment(env);
  if (!parsed.success) {
    const problems = issuesOf(parsed.error).map(({ path, message }) => `${path} ${message}`);
    throw new ConfigurationError(`the environment variables are not valid: ${problems.join('; ')}`);
  }
  const e = parsed.data;
  const openaiKey = secretSource(e.OPENAI_API_KEY, e.OPENAI_API_KEY_PARAMETER);
  return {
    tableName: e.TABLE_NAME,
    deployment: e.DEPLOYMENT_ID ?? e.TABLE_NAME,
    contentBucket: e.CONTENT_BUCKET,
    busName: e.BUS_NAME,
    jobsQueueUrl: e.JOBS_QUEUE_URL,
    intakeQueueUrl: e.INTAKE_QUEUE_URL,
    exportQueueUrl: e.EXPORT_QUEUE_URL,
    queueUrls: e.QUEUE_URLS ?? {},
    openai: { baseUrl: e.OPENAI_BASE_URL, apiKey: openaiKey },
    defaultModel: e.DEFAULT_MODEL,
    allowedModels: e.ALLOWED_MODELS?.split(',')
      .map((model) => model.trim())
      .filter(Boolean),
    providers: e.PROVIDERS ?? new Map(),
    modelAliases: e.MODEL_ALIASES ?? new Map(),
    catalogue: e.MODEL_CATALOGUE ?? [],
    prices: e.PRICES ?? {},
    embedding: {
      baseUrl: e.EMBEDDING_BASE_URL ?? e.OPENAI_BASE_URL,
      apiKey: secretSource(e.EMBEDDING_API_KEY, e.EMBEDDING_API_KEY_PARAMETER) ?? openaiKey,
      model: e.EMBEDDING_MODEL,
      dimensions: e.EMBEDDING_DIMENSIONS,
    },
    pinecone: {
      controllerHost: e.PINECONE_CONTROLLER_HOST,
      apiKey: secretSource(e.PINECONE_API_KEY, e.PINECONE_API_KEY_PARAMETER),
      index: e.PINECONE_INDEX,
      namespacePrefix: e.PINECONE_NAMESPACE,
    },
    retentionDays: e.RETENTION_DAYS,
    usageKeys: e.USAGE_KEYS ?? [],
    apiKeys: e.EVERYTOKEN_API_KEYS,
    anonymousCaller: e.ANONYMOUS_CALLER,
    callerLimits: {
      requestsPerSecond: e.CALLER_REQUESTS_PER_SECOND ?? null,
      runsInFlight: e.CALLER_RUNS_IN_FLIGHT ?? null,
      workers: e.WORKERS ?? null,
      directRuns: e.DIRECT_RUNS ?? null,
      keptForOthersPercent: e.KEPT_FOR_OTHERS_PERCENT,
    },
    metricsNamespace: e.METRICS_NAMESPACE,
    transferMode: e.TRANSFER_MODE,
  };
};

const secretSource = (value: string | undefined, parameter: string | undefined): SecretSource =>
  value !== undefined ? { value } : parameter !== undefined ? { parameter } : undefined;
