import { openAIPrices } from '../../lib/adapters/openai/prices.ts';
import type { Measured } from './measured.ts';
import type { RunUsage } from './run-usage.ts';
import { usdOf } from './unit-prices.ts';
import type { Workload } from './workload.ts';

/** A line of a bill, in US dollars. */
export type CostLine = { service: string; usd: number };

/** The memory of the functions that generate and embed. */
const MEMORY_GB = 1;
/**
 * The share of requests that X-Ray's default rule traces: 5% after the first request of each second.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
 */
const TRACED = 0.05;
const PER_TOKENS = 1_000_000;

/**
 * The cost of `runs` runs on AWS alone, without free tiers and kept data, if the functions that generate had this memory.
 * Lambda gives processor time in proportion to memory, so own work takes as many times longer as memory is less.
 */
export const awsUsd = (
  usage: RunUsage,
  workload: Workload,
  { runs, memoryGb }: { runs: number; memoryGb: number },
): number => {
  const services = runCost(usage, workload, runs).filter(({ service }) => ON_AWS.includes(service));
  const generateMs = usage.generateMs + usage.ownGenerateMs * (MEMORY_GB / memoryGb - 1);
  const gbSeconds = (generateMs * memoryGb - usage.generateMs * MEMORY_GB) / 1_000;
  return totalUsd(services) + usdOf('lambdaGbSecond', gbSeconds) * runs;
};

const ON_AWS = [
  ...['Lambda', 'API Gateway', 'DynamoDB', 'S3', 'SQS', 'EventBridge'],
  ...['CloudWatch and X-Ray', 'Data transfer'],
];

/** The cost of `runs` runs by service, without free tiers. Stored data is costed for one month. */
export const runCost = (usage: RunUsage, workload: Workload, runs: number): CostLine[] => {
  const each: CostLine[] = [
    {
      service: 'Lambda',
      usd:
        usdOf('lambdaGbSecond', ((usage.generateMs + usage.embedMs) / 1_000) * MEMORY_GB) +
        usdOf('lambdaRequest', usage.invocations),
    },
    { service: 'API Gateway', usd: usdOf('apiRequest', usage.apiRequests) },
    {
      service: 'DynamoDB',
      usd: usdOf('tableWrite', usage.tableWrites) + usdOf('tableRead', usage.tableReads),
    },
    { service: 'S3', usd: usdOf('objectWrite', usage.objectWrites) + usdOf('objectRead', usage.objectReads) },
    { service: 'SQS', usd: usdOf('queueRequest', usage.queueRequests) },
    {
      service: 'EventBridge',
      usd: usdOf('event', usage.events) + usdOf('eventArchived', usage.eventBytes),
    },
    {
      service: 'CloudWatch and X-Ray',
      usd: usdOf('logBytes', usage.logBytes) + usdOf('trace', usage.apiRequests * TRACED),
    },
    { service: 'Data transfer', usd: usdOf('bytesOut', usage.bytesOut) },
    { service: 'Pinecone, writes', usd: usdOf('vectorWrite', usage.vectorWrites) },
    { service: 'Kept for a month', usd: keptUsd(usage) },
    {
      service: 'Embeddings (text-embedding-3-small)',
      usd: usdOf('embeddingToken', usage.embeddingTokens),
    },
    {
      service: `Model (${workload.model})`,
      usd: tokensUsd(workload.model, usage.promptTokens, usage.outputTokens),
    },
  ];
  return each.map(({ service, usd }) => ({ service, usd: usd * runs }));
};

/** An upper bound: the run item and its entry in the list index are written with one unit each, so 1 KB at most. */
const ITEM_BYTES = 1_024;

const keptUsd = ({ objectBytes, vectorBytes }: RunUsage): number =>
  usdOf('tableStorage', 2 * ITEM_BYTES) +
  usdOf('tableBackup', ITEM_BYTES) +
  usdOf('objectStorage', objectBytes) +
  usdOf('vectorStorage', vectorBytes);

/**
 * The price of a run's tokens by everytoken's table of OpenAI's list prices.
 * @throws {Error} for a model without a known price
 */
const tokensUsd = (model: string, input: number, output: number): number => {
  const price = openAIPrices.priceOf(model, input, Date.now());
  if (price === undefined) throw new Error(`no price of ${model} is known`);
  return (price.input * input + price.output * output) / PER_TOKENS;
};

export const totalUsd = (lines: readonly CostLine[]): number =>
  lines.reduce((total, { usd }) => total + usd, 0);

/** The parts of a deployment that cost something while it is idle. */
export type Standing = {
  /** Queues with an event source mapping. */
  mappings: number;
  /** Metrics that alarms evaluate. */
  alarmMetrics: number;
};

const HOURS = 730;
const MINUTES = HOURS * 60;
const SWEEP_GB = 0.5;
/**
 * Requests per mapping: Lambda keeps five long polls of 20 s on an idle queue, and never fewer for a mapping with a
 * maximum concurrency.
 */
const POLLS_A_MINUTE = 5 * 3;

/** The cost of a month without runs, without free tiers. */
export const idleCost = (
  { sweep }: Pick<Measured, 'sweep'>,
  { mappings, alarmMetrics }: Standing,
  { awsCallMs }: Pick<Workload, 'awsCallMs'>,
): CostLine[] => {
  const queries = sweep['dynamodb.Query'] ?? 0;
  const ms = (sweep['lambda.sweep.ms'] ?? 0) + queries * awsCallMs;
  return [
    {
      service: 'Lambda (sweep)',
      usd: usdOf('lambdaGbSecond', (ms / 1_000) * SWEEP_GB * MINUTES) + usdOf('lambdaRequest', MINUTES),
    },
    {
      service: 'DynamoDB (sweep)',
      usd:
        usdOf('tableRead', (sweep['dynamodb.readUnits.due'] ?? 0) * MINUTES) +
        usdOf('tableWrite', (sweep['dynamodb.writeUnits.table'] ?? 0) * MINUTES),
    },
    { service: 'SQS (empty polls)', usd: usdOf('queueRequest', mappings * POLLS_A_MINUTE * MINUTES) },
    {
      service: 'CloudWatch (logs of the sweep)',
      usd: usdOf('logBytes', (sweep['logs.bytes'] ?? 0) * MINUTES),
    },
    { service: 'X-Ray (sweep, each minute)', usd: usdOf('trace', MINUTES) },
    { service: 'CloudWatch (alarms)', usd: usdOf('alarmMetric', alarmMetrics) },
  ];
};
