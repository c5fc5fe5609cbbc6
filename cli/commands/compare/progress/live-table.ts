import type { ComparedSetting, Comparison } from '../../../../client/index.ts';
import { bar } from '../../../terminal/bar.ts';
import { type Column, tableLines } from '../../../terminal/print-table.ts';
import type { Screen } from '../../../terminal/screen.ts';
import { duration } from '../../../terminal/time.ts';
import { counted, dollars, milliseconds } from '../../../terminal/units.ts';

const BAR = { min: 10, max: 40 };

/** The settings with their figures so far, and a bar of all answers. `secondsLeft` is undefined when nothing is known. */
export const liveTable = (
  comparison: Comparison,
  screen: Screen,
  secondsLeft: number | undefined,
): string[] => {
  const { settings, progress, status } = comparison;
  const { generations, completed, failed } = progress;
  const columns: Column<ComparedSetting>[] = [
    { title: 'setting', text: ({ label }) => label, left: true, fills: true },
    {
      title: 'done',
      text: (setting) => `${counted(setting.n + setting.failed)} of ${counted(progress.blocks)}`,
    },
    { title: 'failed', text: (setting) => counted(setting.failed) },
    { title: 'first token', text: ({ ttft_ms }) => milliseconds(ttft_ms.p50), optional: 1 },
    { title: 'per token', text: ({ tpot_ms }) => milliseconds(tpot_ms.p50, 1), optional: 2 },
    { title: 'total', text: ({ e2e_ms }) => milliseconds(e2e_ms.p50), optional: 1 },
    { title: 'cost', text: ({ cost_usd }) => dollars(cost_usd.total) },
  ];
  const done = completed + failed;
  const cost = costSoFar(comparison);
  const pieces = [
    `${counted(done)} of ${counted(generations)}`,
    ...(failed > 0 ? [`${counted(failed)} failed`] : []),
    ...(status === 'generated' ? ['indexing the answers'] : []),
    ...(status === 'generating' && secondsLeft !== undefined
      ? [`${duration(Math.max(1, secondsLeft))} left`]
      : []),
    ...(cost === null ? [] : [dollars(cost)]),
  ];
  const text = pieces.join(' · ');
  const width = screen.width();
  const room = Math.min(BAR.max, Math.max(BAR.min, width - text.length - 1));
  const [titles = '', ...rows] = tableLines(columns, settings, width);
  return [screen.dim(titles), ...rows, `${bar(generations === 0 ? 0 : done / generations, room)} ${text}`];
};

const costSoFar = ({ settings }: Comparison): number | null => {
  const known = settings.flatMap(({ cost_usd }) => cost_usd.total ?? []);
  return known.length === 0 ? null : known.reduce((sum, total) => sum + total, 0);
};
