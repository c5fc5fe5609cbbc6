import type { UsageReport } from '../../../client/index.ts';
import { own } from '../../../lib/json/value.ts';
import type { ApiContext } from '../../api-command.ts';
import { bar } from '../../terminal/bar.ts';
import { padFront } from '../../terminal/layout.ts';
import { type Column, tableLines } from '../../terminal/print-table.ts';
import { printableValue } from '../../terminal/printable.ts';
import type { Screen } from '../../terminal/screen.ts';
import { localTime } from '../../terminal/time.ts';
import { counted, countOf, dollars, milliseconds } from '../../terminal/units.ts';

type Figures = UsageReport['total'];
type Row = Figures & { keys: Record<string, string | null> };

/** Prints usage by its groups with their total, the cost by day, the budget that is left, and what is not in the cost. */
export const showUsage = (
  answer: UsageReport,
  { screen, errors, note }: Pick<ApiContext, 'screen' | 'errors' | 'note'>,
): void => {
  const report = printableValue(answer);
  const { groups, total, truncated } = report;
  note(`usage from ${localTime(report.since)} to ${localTime(report.until)}`);
  const names = groups[0] ? Object.keys(groups[0].keys) : [];
  const rows: Row[] = groups.map(({ other, keys, ...figures }) => ({
    ...figures,
    keys: Object.fromEntries(
      names.map((name, at) => [name, other ? (at === 0 ? 'all others' : '') : (own(keys, name) ?? 'none')]),
    ),
  }));
  const last: Row = {
    ...total,
    keys: Object.fromEntries(names.map((name, at) => [name, at === 0 ? 'total' : ''])),
  };
  const [head = '', ...lines] = tableLines(columnsOf(names, total), [...rows, last], screen.width());
  screen.line(screen.dim(head));
  for (const [at, line] of lines.entries()) screen.line(at === rows.length ? screen.bold(line) : line);
  showDays(screen, report);
  showBudget(screen, report.budget);
  explain(total, errors);
  if (truncated)
    errors.line(
      errors.attention('not all runs were read: ask for a shorter period, or one that ended an hour ago'),
    );
};

const columnsOf = (names: readonly string[], total: Figures): Column<Row>[] => [
  ...names.map(
    (name): Column<Row> => ({ title: name, text: ({ keys }) => own(keys, name) ?? '', left: true }),
  ),
  { title: 'runs', text: ({ requests }) => counted(requests), optional: 3 },
  { title: 'outputs', text: ({ generations }) => counted(generations) },
  ...(total.failed > 0 ? [{ title: 'failed', text: ({ failed }: Row) => counted(failed) }] : []),
  { title: 'tokens in', text: ({ prompt_tokens }) => counted(prompt_tokens), optional: 2 },
  { title: 'out', text: ({ completion_tokens }) => counted(completion_tokens), optional: 1 },
  ...(total.unpriced > 0
    ? [{ title: 'unpriced', text: ({ unpriced }: Row) => counted(unpriced), optional: 4 as const }]
    : []),
  { title: 'first token', text: ({ mean_ttft_ms }) => milliseconds(mean_ttft_ms), optional: 5 },
  {
    title: 'cost',
    text: ({ cost_usd, unpriced }) =>
      unpriced > 0 && cost_usd !== null ? `≥ ${dollars(cost_usd)}` : dollars(cost_usd),
  },
];

const explain = ({ failed, failed_requests, unpriced, generations }: Figures, errors: Screen): void => {
  if (failed > 0 || failed_requests > 0)
    errors.line(
      errors.dim(
        `failed: ${counted(failed)} of ${counted(generations)} outputs; failed runs: ${counted(failed_requests)}`,
      ),
    );
  if (unpriced > 0)
    errors.line(
      errors.attention(`unpriced: ${countOf(unpriced, 'output')} without a known price, not in the cost`),
    );
};

const MAX_BARS = 62;
const BAR = 40;

/** A bar a day, or a month of a long period: of the cost, or of tokens where no cost is known. */
const showDays = (screen: Screen, { groups, total }: UsageReport): void => {
  const days = groups.flatMap(({ keys, cost_usd, prompt_tokens, completion_tokens }) => {
    const day = own(keys, 'day');
    const value = total.cost_usd === null ? prompt_tokens + completion_tokens : (cost_usd ?? 0);
    return day ? [{ day, value }] : [];
  });
  const sorted = days.map(({ day }) => day).toSorted();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined || first === last) return;
  const all = daysBetween(first, last);
  const nameOf = (day: string) => (all.length > MAX_BARS ? day.slice(0, 7) : day);
  const sums = new Map(all.map((day) => [nameOf(day), 0]));
  for (const { day, value } of days) sums.set(nameOf(day), (sums.get(nameOf(day)) ?? 0) + value);
  const most = Math.max(...sums.values());
  const format = total.cost_usd === null ? counted : dollars;
  const figures = [...sums.values()].map((value) => format(value));
  const width = Math.max(...figures.map(({ length }) => length));
  const room = Math.min(BAR, screen.width() - width - 14);
  screen.line();
  screen.line(
    screen.dim(
      `${total.cost_usd === null ? 'tokens' : 'cost'} by ${all.length > MAX_BARS ? 'month' : 'day'}`,
    ),
  );
  for (const [at, [name, value]] of [...sums].entries())
    screen.line(
      `${name}  ${padFront(figures[at] ?? '', width)}  ${value > 0 ? bar(value / most, room).replace(/░+$/, '') : ''}`.trimEnd(),
    );
};

const DAY_MS = 86_400_000;

const daysBetween = (first: string, last: string): string[] => {
  const from = Date.parse(first);
  const count = Math.round((Date.parse(last) - from) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, at) => new Date(from + at * DAY_MS).toISOString().slice(0, 10));
};

const showBudget = (screen: Screen, budget: UsageReport['budget']): void => {
  if (!budget) return;
  const { tokens, cost_usd, resets_at } = budget;
  screen.line();
  screen.entry(
    'left today',
    ...(cost_usd ? [`${dollars(cost_usd.left)} of ${dollars(cost_usd.limit)}`] : []),
    ...(tokens ? [`${counted(tokens.left)} of ${counted(tokens.limit)} tokens`] : []),
    `until ${localTime(resets_at)}`,
  );
};
