import { awsUsd, type CostLine, idleCost, runCost, totalUsd } from './cost.ts';
import { type Gathered, gatherBatches, usdByBatch } from './embed-batches.ts';
import { concurrencyOf, inOrder, type Limit, limitsOf, metAt } from './limits.ts';
import { count, table, tableWithText } from './markdown.ts';
import { MEASURED, WAYS, type Way } from './measured.ts';
import { type RunUsage, runUsage } from './run-usage.ts';
import { setupOf, standingOf } from './standing.ts';
import { UNIT_PRICES } from './unit-prices.ts';
import { generationMs, TYPICAL, type Workload } from './workload.ts';

const RUNS = 1_000;
const RATES = [1, 100, 10_000];
const BATCH_RATES = [1, 10, 100];
const MEMORIES_MB = [1_024, 768, 512];

const NAMES: Record<Way, string> = {
  whole: 'answered whole',
  stream: 'streamed',
  background: 'in the background',
  line: 'a line of a file',
};

const usd = (amount: number): string => (amount === 0 ? '0' : amount.toFixed(amount < 10 ? 4 : 2));
const workloadOf = (way: Way, changes: Partial<Workload>): Workload => ({ ...TYPICAL, ...changes, way });
const usageOf = (workload: Workload): RunUsage => runUsage(MEASURED, workload);
/** Writes of a caller's daily spend: the extra writes of a run with a budget. */
const budgetWrites = (): number =>
  (MEASURED.budgeted['dynamodb.writeUnits.table'] ?? 0) - (MEASURED.whole['dynamodb.writeUnits.table'] ?? 0);

/** The cost of 1,000 runs, by service and way. */
export const costTable = (changes: Partial<Workload> = {}): string => {
  const columns = WAYS.map((way) => {
    const workload = workloadOf(way, changes);
    return runCost(usageOf(workload), workload, RUNS);
  });
  const services = columns[0]?.map(({ service }) => service) ?? [];
  const cell = (lines: CostLine[], at: number) => usd(lines[at]?.usd ?? 0);
  const total = columns.map((lines) => `**${usd(totalUsd(lines))}**`);
  return table(
    ['USD for 1,000 runs', ...WAYS.map((way) => NAMES[way])],
    [
      ...services.map((service, at) => [service, ...columns.map((lines) => cell(lines, at))]),
      ['**All**', ...total],
    ],
  );
};

/** The cost of 1,000 runs on AWS alone, by the memory of the functions that generate. */
export const memoryTable = (): string => {
  const amounts = (memoryGb: number) =>
    WAYS.map((way) => {
      const workload = workloadOf(way, {});
      return usd(awsUsd(usageOf(workload), workload, { runs: RUNS, memoryGb }));
    });
  return table(
    ['AWS alone, USD for 1,000 runs', ...WAYS.map((way) => NAMES[way])],
    MEMORIES_MB.map((memoryMb) => [`${count(memoryMb)} MB`, ...amounts(memoryMb / 1_024)]),
  );
};

/** The cost of a month without requests. */
export const idleTable = (): string => {
  const standing = standingOf();
  const prod = idleCost(MEASURED, standing, TYPICAL);
  const dev = idleCost(MEASURED, { ...standing, alarmMetrics: 0 }, TYPICAL);
  const all = (lines: CostLine[]) => `**${totalUsd(lines).toFixed(2)}**`;
  return table(
    ['USD a month, idle', 'dev', 'prod'],
    [
      ...prod.map(({ service, usd: amount }, at) => [
        service,
        (dev[at]?.usd ?? 0).toFixed(2),
        amount.toFixed(2),
      ]),
      ['**All**', all(dev), all(prod)],
    ],
  );
};

/** The measured use of services by one run, in billed units. */
export const usageTable = (): string => {
  const columns = WAYS.map((way) => usageOf({ ...TYPICAL, way }));
  const rows: [string, (usage: RunUsage) => number][] = [
    ['Lambda, generate (ms at 1 GB)', ({ generateMs }) => generateMs],
    ['Lambda, embed (ms at 1 GB)', ({ embedMs }) => embedMs],
    ['Lambda invocations', ({ invocations }) => invocations],
    ['DynamoDB write units', ({ tableWrites }) => tableWrites],
    ['· of which the index `due`', ({ dueWrites }) => dueWrites],
    ['· of which the list of runs', ({ listWrites }) => listWrites],
    ['DynamoDB read units', ({ tableReads }) => tableReads],
    ['S3 PUT and LIST', ({ objectWrites }) => objectWrites],
    ['S3 GET and HEAD', ({ objectReads }) => objectReads],
    ['S3 bytes kept', ({ objectBytes }) => objectBytes],
    ['SQS requests', ({ queueRequests }) => queueRequests],
    ['EventBridge events', ({ events }) => events],
    ['Log bytes', ({ logBytes }) => logBytes],
    ['Bytes answered', ({ bytesOut }) => bytesOut],
    ['Pinecone write units', ({ vectorWrites }) => vectorWrites],
    ['Pinecone bytes', ({ vectorBytes }) => vectorBytes],
  ];
  return table(
    ['One run', ...WAYS.map((way) => NAMES[way])],
    rows.map(([name, amountOf]) => [name, ...columns.map((usage) => count(amountOf(usage)))]),
  );
};

/** Lambda environments at three rates, by the length of the output. */
export const concurrencyTable = (changes: Partial<Workload> = {}): string => {
  const cases: Partial<Workload>[] = [
    { outputTokens: 100 },
    { outputTokens: 100, tokensPerSecond: 150 },
    { outputTokens: 500 },
    { outputTokens: 2_000 },
  ];
  return table(
    ['Output', 'tokens/s', 'model (s)', 'generate (s)', ...RATES.map((rate) => `${count(rate)} runs/s`)],
    cases.map((each) => {
      const workload = workloadOf('stream', { ...changes, ...each });
      const { generateMs } = usageOf(workload);
      return [
        `${count(workload.outputTokens)} tokens`,
        String(workload.tokensPerSecond),
        (generationMs(workload) / 1_000).toFixed(2),
        (generateMs / 1_000).toFixed(2),
        ...RATES.map((rate) => count(Math.ceil(concurrencyOf(rate, generateMs)))),
      ];
    }),
  );
};

/** All limits in the order in which a growing rate reaches them. */
export const limitsTable = (way: Way): string => {
  const workload = { ...TYPICAL, way };
  const limits = inOrder(limitsOf(usageOf(workload), budgetWrites(), workload, setupOf()));
  return tableWithText(
    [
      'Limit',
      'reached at (runs/s)',
      'available',
      ...RATES.map((rate) => `needed at ${count(rate)}/s`),
      'to raise it',
    ],
    limits.map((limit) => limitRow(limit)),
  );
};

const limitRow = (limit: Limit): string[] => {
  const met = metAt(limit);
  return [
    limit.what,
    met === undefined ? 'by account' : count(Math.floor(met)),
    limit.limit === undefined ? `${limit.unit}, by account` : `${count(limit.limit)} ${limit.unit}`,
    ...RATES.map((rate) => count(rate * limit.perRun)),
    limit.lifts,
  ];
};

/** The cost of an hour at each rate. */
export const rateTable = (): string => {
  const lines = runCost(usageOf(TYPICAL), TYPICAL, 3_600);
  const isModel = ({ service }: CostLine) => /^(?:Model|Embeddings)/.test(service);
  const services = totalUsd(lines.filter((line) => !isModel(line)));
  const models = totalUsd(lines.filter(isModel));
  return table(
    ['Streamed', 'AWS and Pinecone (USD/h)', 'models (USD/h)'],
    RATES.map((rate) => [`${count(rate)} runs/s`, (services * rate).toFixed(2), (models * rate).toFixed(2)]),
  );
};

/** Embed's batches by the rate of runs and the batching window, gathered by one poller and by five. */
export const batchesTable = (): string => {
  const { embedBatchSize } = setupOf();
  const cases = [
    [10, 0],
    ...[1, 2, 5].map((windowSeconds) => [embedBatchSize, windowSeconds] as const),
  ] as const;
  const rows = BATCH_RATES.flatMap((perSecond) =>
    cases.map(([size, windowSeconds]) => {
      const [one, five] = [1, 5].map((pollers) => gatherBatches({ perSecond, pollers, windowSeconds, size }));
      const cell = (amountOf: (gathered: Gathered) => string) =>
        [one, five].map((gathered) => gathered && amountOf(gathered)).join(' / ');
      return [
        `${perSecond} runs/s, up to ${size}, ${windowSeconds === 0 ? 'no window' : `${windowSeconds} s`}`,
        cell(({ meanSize }) => meanSize.toFixed(1)),
        cell(({ meanSize }) => (1 / meanSize).toFixed(3)),
        cell(({ meanDelaySeconds }) => meanDelaySeconds.toFixed(2)),
        cell(({ p99DelaySeconds }) => p99DelaySeconds.toFixed(2)),
        cell(({ meanSize }) => (usdByBatch(meanSize) * 1_000_000).toFixed(2)),
      ];
    }),
  );
  return table(
    [
      'One poller / five pollers',
      'mean batch',
      'calls a run',
      'added delay, mean (s)',
      'p99 (s)',
      'USD for a million runs',
    ],
    rows,
  );
};

/** The prices used, with their sources. */
export const priceTable = (): string =>
  tableWithText(
    ['Service', 'USD', 'for', 'of', 'source'],
    Object.values(UNIT_PRICES).map(({ service, unit, usd: amount, per, source, asOf, by }) => [
      service,
      String(amount),
      per === 1 ? '1' : per.toLocaleString('en-US'),
      per === 1_000_000_000 ? `bytes (${unit})` : unit,
      `[${by === 'vendor' ? 'the vendor' : new URL(source).hostname}](${source}), ${asOf}`,
    ]),
  );
