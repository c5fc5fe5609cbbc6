import { DUE_SHARDS } from '../../lib/runs/due.ts';
import { type CostLine, idleCost, runCost, totalUsd } from './cost.ts';
import { concurrencyOf, inOrder, type Limit, limitsOf, metAt } from './limits.ts';
import { MEASURED, WAYS, type Way } from './measured.ts';
import { type RunUsage, runUsage } from './run-usage.ts';
import { setupOf, standingOf } from './standing.ts';
import { UNIT_PRICES } from './unit-prices.ts';
import { generationMs, TYPICAL, type Workload } from './workload.ts';

const RUNS = 1_000;
const RATES = [1, 100, 10_000];

const NAMES: Record<Way, string> = {
  whole: 'answered whole',
  stream: 'streamed',
  background: 'in the background',
  line: 'a line of a file',
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');
/** A text in the last column stands left. */
const tableWithText = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  table(head, rows).replace(/ ---: \|$/m, ' --- |');

const usd = (amount: number): string => (amount === 0 ? '0' : amount.toFixed(amount < 10 ? 4 : 2));
const count = (amount: number): string => {
  if (amount >= 1_000) return Math.round(amount).toLocaleString('en-US');
  return String(Number(amount.toPrecision(amount >= 100 ? 3 : 2)));
};

const workloadOf = (way: Way, workload: Partial<Workload>): Workload => ({ ...TYPICAL, ...workload, way });
const usageOf = (workload: Workload): RunUsage => runUsage(MEASURED, workload);
/** Writes of a caller's sum of the day: what a run with a budget writes more than one without. */
const budgetWrites = (): number =>
  (MEASURED.budgeted['dynamodb.writeUnits.table'] ?? 0) - (MEASURED.whole['dynamodb.writeUnits.table'] ?? 0);

/** What 1,000 runs cost, by service and way. */
export const costTable = (workload: Partial<Workload> = {}): string => {
  const columns = WAYS.map((way) => {
    const asked = workloadOf(way, workload);
    return runCost(usageOf(asked), asked, RUNS);
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

/** What a month costs in which nothing is asked for. */
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

/** What was measured of a run, as it is billed. */
export const usageTable = (): string => {
  const columns = WAYS.map((way) => usageOf({ ...TYPICAL, way }));
  const rows: [string, (usage: RunUsage) => number][] = [
    ['Lambda, generate (ms at 1 GB)', ({ generateMs }) => generateMs],
    ['Lambda, embed (ms at 1 GB)', ({ embedMs }) => embedMs],
    ['Lambda invocations', ({ invocations }) => invocations],
    ['DynamoDB write units', ({ tableWrites }) => tableWrites],
    ['· of which the index `due`', ({ dueWrites }) => dueWrites],
    ['· of which the index `list`', ({ listWrites }) => listWrites],
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
    rows.map(([what, of]) => [what, ...columns.map((usage) => count(of(usage)))]),
  );
};

/** Lambda environments at three rates, by the length of the output. */
export const concurrencyTable = (workload: Partial<Workload> = {}): string => {
  const cases: Partial<Workload>[] = [
    { outputTokens: 100 },
    { outputTokens: 100, tokensPerSecond: 150 },
    { outputTokens: 500 },
    { outputTokens: 2_000 },
  ];
  return table(
    ['Output', 'tokens/s', 'model (s)', 'generate (s)', ...RATES.map((rate) => `${count(rate)} runs/s`)],
    cases.map((each) => {
      const asked = workloadOf('stream', { ...workload, ...each });
      const { generateMs } = usageOf(asked);
      return [
        `${count(asked.outputTokens)} tokens`,
        String(asked.tokensPerSecond),
        (generationMs(asked) / 1_000).toFixed(2),
        (generateMs / 1_000).toFixed(2),
        ...RATES.map((rate) => count(Math.ceil(concurrencyOf(rate, generateMs)))),
      ];
    }),
  );
};

/** Every limit in the order in which a growing rate meets it. */
export const limitsTable = (way: Way): string => {
  const asked = { ...TYPICAL, way };
  const limits = inOrder(limitsOf(usageOf(asked), budgetWrites(), asked, setupOf(DUE_SHARDS)));
  return tableWithText(
    [
      'Limit',
      'is met at (runs/s)',
      'there is',
      ...RATES.map((rate) => `at ${count(rate)}/s`),
      'what lifts it',
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

/** The cost of a rate, kept up for an hour. */
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

/** The prices used, with where they stand. */
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
