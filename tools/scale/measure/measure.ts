import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { RunView } from '../../../lib/runs/view.ts';
import { localAwsClients } from '../../local-aws-clients.ts';
import type { Counts } from '../measured.ts';
import type { RecordedWrite, Recording } from '../writes/recorded.ts';
import { BUDGETED, type MeteredStack, noteInvocation, startMeteredStack } from './metered-stack.ts';
import { between } from './meters.ts';
import { averageOf, byRun, makeWriteRecorder, type NotedWrite, shardsIn } from './write-recorder.ts';

const RUNS = 50;
export const LINES = 250;
const SWEEPS = 20;
const REQUEST = {
  prompt: 'Explain vector databases in a technical manner.',
  max_tokens: 100,
  temperature: 0.5,
  extra_body: { pace: 0 },
};

const post = async (
  api: string,
  body: object,
  key?: string,
): Promise<{ run: RunView; ms: number; bytes: number }> => {
  const startedAt = performance.now();
  const response = await fetch(`${api}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { 'x-api-key': key }) },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST /runs answered ${response.status}: ${text}`);
  const events = /event: run\.completed\ndata: (.*)/.exec(text)?.[1];
  return {
    run: JSON.parse(events ?? text) as RunView,
    ms: performance.now() - startedAt,
    bytes: Buffer.byteLength(text),
  };
};

/**
 * Makes runs one after another. With `together` the queues are drained at the end, so that embed gets full batches, of 50.
 */
export const measureRuns = async (
  { aws, tally, drain }: MeteredStack,
  body: object,
  { runs = RUNS, together, key }: { runs?: number; together: boolean; key?: string },
): Promise<Counts> => {
  const before = tally.read();
  for (let at = 0; at < runs; at += 1) {
    const { run, ms, bytes } = await post(aws.api, { ...REQUEST, ...body }, key);
    noteInvocation(tally, 'GenerateHttpLambdaFunction', ms);
    tally.add('http.bytes', bytes);
    noteGeneration(tally, run);
    if (!together) await drain();
  }
  await drain();
  return between(before, tally.read(), runs);
};

/** Notes the time that the model itself took, so that the calculation can replace it with another model's. */
const noteGeneration = (
  tally: MeteredStack['tally'],
  { generations }: Pick<RunView, 'generations'>,
): void => {
  for (const { timing, usage } of generations ?? []) {
    tally.add('generation.ms', timing?.e2e_ms ?? 0);
    tally.add('generation.promptTokens', usage?.prompt_tokens ?? 0);
    tally.add('generation.completionTokens', usage?.completion_tokens ?? 0);
  }
};

const measureBackground = async (stack: MeteredStack): Promise<Counts> => {
  const { aws, tally, drain } = stack;
  const before = tally.read();
  const ids: string[] = [];
  for (let at = 0; at < RUNS; at += 1) {
    const { run, ms } = await post(aws.api, { ...REQUEST, background: true });
    noteInvocation(tally, 'GenerateHttpLambdaFunction', ms);
    ids.push(run.id);
  }
  await drain();
  const counts = between(before, tally.read(), RUNS);
  return { ...counts, ...(await generationsOf(stack, ids)) };
};

/** The model's time and tokens of background runs, averaged per run. */
const generationsOf = async ({ aws }: MeteredStack, ids: readonly string[]): Promise<Counts> => {
  const sums: Record<string, number> = {};
  for (const id of ids) {
    const { generations = [] } = (await (await fetch(`${aws.api}/runs/${id}`)).json()) as RunView;
    const [first] = generations;
    const add = (name: string, amount = 0) => {
      sums[name] = (sums[name] ?? 0) + amount / ids.length;
    };
    add('generation.ms', first?.timing?.e2e_ms ?? 0);
    add('generation.promptTokens', first?.usage?.prompt_tokens ?? 0);
    add('generation.completionTokens', first?.usage?.completion_tokens ?? 0);
  }
  return sums;
};

/** Drops a prompt file of requests that differ in their seed, and waits until it is done. */
export const putFile = async (
  { aws, drain }: MeteredStack,
  name: string,
  request: object = REQUEST,
): Promise<void> => {
  const { s3, destroy } = localAwsClients(aws, aws);
  const lines = Array.from({ length: LINES }, (_, at) => `${JSON.stringify({ ...request, seed: at })}\n`);
  const Key = `prompts/@local/${name}.jsonl`;
  await s3.send(new PutObjectCommand({ Bucket: aws.buckets.ContentBucket, Key, Body: lines.join('') }));
  destroy();
  await drain();
};

const measureFile = async (stack: MeteredStack): Promise<Counts> => {
  const { aws, tally } = stack;
  const before = tally.read();
  await putFile(stack, 'scale');
  const counts = between(before, tally.read(), LINES);
  const { data } = (await (await fetch(`${aws.api}/runs?limit=100`)).json()) as { data: { id: string }[] };
  return {
    ...counts,
    ...(await generationsOf(
      stack,
      data.slice(0, RUNS).map(({ id }) => id),
    )),
  };
};

const measureSweep = async ({ tally, invoke }: MeteredStack): Promise<Counts> => {
  await invoke('SweepLambdaFunction', {}); // the first sweep starts the process and is not counted
  const before = tally.read();
  for (let at = 0; at < SWEEPS; at += 1) await invoke('SweepLambdaFunction', {});
  return between(before, tally.read(), SWEEPS);
};

const rounded = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Math.round(count * 1000) / 1000]));

const RECORDED_RUNS = 12;
/** Tokens a second while writes are recorded, so that their times are those of real runs; of lines, ten times that. */
const PACE = 50;
const CALLERS = ['local', BUDGETED.caller];

/** Records the writes to the table of runs of each way, one after another. */
const recordWrites = async (
  stack: MeteredStack,
  { take }: Pick<ReturnType<typeof makeWriteRecorder>, 'take'>,
): Promise<Recording> => {
  const all: NotedWrite[] = [];
  const taken = (): NotedWrite[] => {
    const noted = take();
    all.push(...noted);
    return noted;
  };
  const recordRuns = async (body: object): Promise<RecordedWrite[]> => {
    const runs: NotedWrite[][] = [];
    for (let at = 0; at < RECORDED_RUNS; at += 1) {
      await post(stack.aws.api, { ...REQUEST, extra_body: { pace: PACE }, ...body });
      await stack.drain();
      runs.push(taken());
    }
    return averageOf(runs, CALLERS);
  };
  take();
  const whole = await recordRuns({});
  const stream = await recordRuns({ stream: true });
  const background = await recordRuns({ background: true });
  await putFile(stack, 'recorded', { ...REQUEST, extra_body: { pace: PACE * 10 } });
  const line = averageOf(byRun(taken()), CALLERS);
  return {
    command: COMMAND,
    date: today(),
    runs: RECORDED_RUNS,
    lines: LINES,
    shards: shardsIn(all, CALLERS),
    ...{ whole, stream, background, line },
  };
};

const COMMAND = 'npm run cost -- --measure';
const today = (): string => new Date().toISOString().slice(0, 10);
const writeJson = (file: string, value: object): void =>
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

/**
 * Starts a metered stack, measures it, and writes the averages per run, line of a file and sweep to `files.measured`,
 * and a run's writes to the table to `files.writes`.
 */
export const measure = async (files: { measured: string; writes: string }): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-scale-'));
  const recorder = makeWriteRecorder();
  const stack = await startMeteredStack(dataDir, { noteWrite: recorder.note });
  try {
    await post(stack.aws.api, REQUEST); // the first run starts the processes and is not counted
    await stack.drain();
    const scenarios = {
      whole: await measureRuns(stack, {}, { together: true }),
      stream: await measureRuns(stack, { stream: true }, { together: true }),
      alone: await measureRuns(stack, {}, { together: false }),
      budgeted: await measureRuns(stack, {}, { together: true, key: BUDGETED.key }),
      unindexed: await measureRuns(stack, { index: false }, { together: true }),
      background: await measureBackground(stack),
      line: await measureFile(stack),
      sweep: await measureSweep(stack),
    };
    const measured = {
      command: COMMAND,
      date: today(),
      node: process.version,
      runs: RUNS,
      lines: LINES,
      ...Object.fromEntries(Object.entries(scenarios).map(([name, counts]) => [name, rounded(counts)])),
    };
    writeJson(files.measured, measured);
    writeJson(files.writes, await recordWrites(stack, recorder));
  } finally {
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
};
