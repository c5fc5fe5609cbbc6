import { seededRandom } from '../../local/model/random.ts';
import { usdOf } from './unit-prices.ts';
import { TYPICAL } from './workload.ts';

/** Runs that arrive at random (a Poisson process), and the pollers that gather them into batches. */
export type Arrivals = {
  perSecond: number;
  /** Each message goes to one of the pollers, which gather apart. */
  pollers: number;
  windowSeconds: number;
  /** The size of a full batch. */
  size: number;
};

/** The mean size of a batch, and the time that gathering it adds to a run. */
export type Gathered = { meanSize: number; meanDelaySeconds: number; p99DelaySeconds: number };

/**
 * Simulates an event source mapping's batches: a poller's window opens with its first message, and closes after
 * `windowSeconds` or with the message that fills the batch. Reproducible.
 */
export const gatherBatches = (
  { perSecond, pollers, windowSeconds, size }: Arrivals,
  runs = 50_000,
): Gathered => {
  const random = seededRandom(1);
  const open = Array.from({ length: pollers }, (): number[] => []);
  const delays: number[] = [];
  let batches = 0;
  const close = (batch: number[], at: number) => {
    batches += 1;
    for (const arrivedAt of batch) delays.push(at - arrivedAt);
    batch.length = 0;
  };
  let now = 0;
  for (let run = 0; run < runs; run += 1) {
    now -= Math.log(1 - random()) / perSecond;
    const batch = open[Math.floor(random() * pollers)] ?? [];
    const end = (batch[0] ?? now) + windowSeconds;
    if (end < now) close(batch, end);
    batch.push(now);
    if (batch.length === size) close(batch, now);
  }
  delays.sort((a, b) => a - b);
  return {
    meanSize: delays.length / batches,
    meanDelaySeconds: delays.reduce((sum, delay) => sum + delay, 0) / delays.length,
    p99DelaySeconds: delays[Math.floor(delays.length * 0.99)] ?? Number.NaN,
  };
};

const GB = 1;

/**
 * The part of a run's cost, in US dollars, that falls with the size of its batch: the invocation, and the time that it
 * waits for the embeddings and the upsert.
 */
export const usdByBatch = (runs: number): number => {
  const waitSeconds = (TYPICAL.embeddingsMs + TYPICAL.upsertMs) / 1_000;
  return (usdOf('lambdaRequest', 1) + usdOf('lambdaGbSecond', waitSeconds * GB)) / runs;
};
