import type { Measured } from './measured.ts';
import type { CostLine } from './run-cost.ts';
import { usdOf } from './unit-prices.ts';
import type { Workload } from './workload.ts';

/** What a deployment has that costs something while nobody uses it. */
export type Standing = {
  /** Queues with an event source mapping. */
  mappings: number;
  /** Metrics that alarms look at. */
  alarmMetrics: number;
};

const HOURS = 730;
const MINUTES = HOURS * 60;
const SWEEP_GB = 0.5;
/** Lambda polls an idle queue with five long polls of 20 s; a mapping with a maximum concurrency is never polled less. */
const POLLS_A_MINUTE = 5 * 3;

/** What a month without a run costs, without free tiers. */
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
      usd: usdOf('tableRead', (sweep['dynamodb.readUnits.due'] ?? 0) * MINUTES),
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
