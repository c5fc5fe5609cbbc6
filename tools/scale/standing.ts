import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { DEFAULT_SHARDS } from '../../lib/runs/shards.ts';
import type { Standing } from './cost.ts';
import type { Setup } from './limits.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Reads a YAML file of the template as plain values. CloudFormation's short tags, such as !Ref, are dropped. */
const read = (file: string): Record<string, unknown> => {
  const document = parseDocument(readFileSync(join(ROOT, file), 'utf8'), { merge: true, logLevel: 'silent' });
  if (!isMap(document.contents)) throw new Error(`${file} must contain a YAML map`);
  return document.toJS() as Record<string, unknown>;
};

/** `maximumConcurrency` is a number, or the name of a parameter: `${param:workers}`. */
type Mapping = { batchSize: number; maximumConcurrency: number | string };
type Serverless = {
  params: Record<string, Record<string, unknown>>;
  functions: Record<string, { events?: { sqs?: Mapping }[] }>;
};
/** An alarm of the template, with the number of metrics it evaluates. */
export type Alarm = { name: string; metrics: number };

const mappings = ({ functions }: Serverless): Map<string, Mapping> =>
  new Map(
    Object.entries(functions).flatMap(([name, { events = [] }]) =>
      events.flatMap(({ sqs }) => (sqs ? [[name, sqs] as const] : [])),
    ),
  );

/** Resolves a number, or the name of a parameter, for the stage prod. */
const inProd = (value: unknown, { params }: Serverless): number => {
  const [, parameter = ''] = /^\$\{param:(\w+)\}$/.exec(String(value)) ?? [];
  return Number(params.prod?.[parameter] ?? value);
};

/**
 * Reads the settings of serverless.yml for prod that limit the rate. `shards` are those of
 * a table that was never told others.
 * @throws {Error} when a queue mapping is missing
 */
export const setupOf = (shards = DEFAULT_SHARDS): Setup => {
  const serverless = read('serverless.yml') as Serverless;
  const queues = mappings(serverless);
  const [jobs, embed] = [queues.get('generateQueue'), queues.get('embed')];
  if (!jobs || !embed)
    throw new Error('serverless.yml has no sqs event for the functions generateQueue and embed');
  return {
    jobsConcurrency: inProd(jobs.maximumConcurrency, serverless),
    embedConcurrency: inProd(embed.maximumConcurrency, serverless),
    embedBatchSize: embed.batchSize,
    requestsPerSecond: Number(serverless.params.prod?.requestsPerSecond),
    dueShards: shards.due,
    listShards: shards.list,
  };
};

/** The parts of a deployment to prod that cost something while it is idle. */
export const standingOf = (): Standing => {
  return {
    mappings: mappings(read('serverless.yml') as Serverless).size,
    alarmMetrics: readAlarms().reduce((sum, { metrics }) => sum + metrics, 0),
  };
};

/** The alarms of infra/alarms.yml with their logical ids, at any depth of the file. */
export const readAlarms = (): Alarm[] => alarmsIn(read('infra/alarms.yml'));

const alarmsIn = (value: unknown): Alarm[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) => {
    const { Type, Properties } = (each ?? {}) as { Type?: unknown; Properties?: AlarmProperties };
    if (Type !== 'AWS::CloudWatch::Alarm') return alarmsIn(each);
    return [{ name, metrics: Properties?.Metrics?.filter(({ MetricStat }) => MetricStat).length ?? 1 }];
  });
};

type AlarmProperties = { Metrics?: { MetricStat?: object }[] };
