import { useMemo } from 'preact/hooks';
import type { RunSummary } from '../../../client/index.ts';
import { UNKNOWN } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { type FigureName, figureText } from '../../figures.ts';
import { StatusBadge } from '../../parts/status-badge.tsx';
import { When } from '../../parts/when.tsx';
import type { SortColumn } from './run-query.ts';

type Column = {
  name: FigureName;
  /** The API sorts by it. */
  sort?: SortColumn;
  of: (run: RunSummary) => number | null;
};

/** The figures of a row, in the order of their columns. */
export const COLUMNS: readonly Column[] = [
  { name: 'tokens', sort: 'tokens', of: ({ usage }) => usage.completion_tokens },
  { name: 'ttft_ms', sort: 'ttft_ms', of: ({ mean_ttft_ms }) => mean_ttft_ms },
  { name: 'tpot_ms', sort: 'tpot_ms', of: ({ mean_tpot_ms }) => mean_tpot_ms },
  { name: 'e2e_ms', sort: 'e2e_ms', of: ({ e2e_ms }) => e2e_ms },
  { name: 'longest_gap_ms', of: ({ longest_gap_ms }) => longest_gap_ms },
  { name: 'cost_usd', sort: 'cost_usd', of: ({ cost_usd }) => cost_usd },
];

type Props = { run: RunSummary; isCurrent: boolean };

/** The cells of a run's row, which are drawn again only when the run or the place of the keys changes. */
export const RunCells = ({ run, isCurrent }: Props) =>
  useMemo(() => <Cells run={run} isCurrent={isCurrent} />, [run, isCurrent]);

/** The link fills the row, so that a click anywhere opens the run. */
const Cells = ({ run, isCurrent }: Props) => (
  <>
    <td class="status-cell">
      <StatusBadge status={run.status} />
    </td>
    <td class="texts-cell">
      <a href={hrefOf(['runs', run.id])} tabIndex={isCurrent ? 0 : -1}>
        <bdi>{promptOf(run)}</bdi>
      </a>
      <span class="preview">
        <bdi>{textOf(run)}</bdi>
      </span>
    </td>
    <td class="models-cell">
      <bdi>{namesOf(run.models)}</bdi>
      <bdi class="preview">{run.labels.join() === 'default' ? '' : namesOf(run.labels)}</bdi>
    </td>
    {COLUMNS.map(({ name, of }) => (
      <td class={`number column-${name}`} key={name}>
        {figureText(name, of(run))}
      </td>
    ))}
    <td class="when-cell">
      <When at={run.created_at} />
    </td>
  </>
);

const NAMES = 2;

const namesOf = (names: readonly string[]): string => {
  const rest = names.length - NAMES;
  return shownLine(names.slice(0, NAMES).join(', ')) + (rest > 0 ? ` +${rest}` : '');
};

const promptOf = (run: RunSummary): string => {
  if (run.prompt_preview !== null) return shownLine(run.prompt_preview) || 'An empty prompt';
  return run.store ? `Run ${run.id}` : 'A prompt that is not stored';
};

const textOf = ({ text_preview, error, status, store, counts }: RunSummary): string => {
  if (error !== null) return shownLine(`${error.code}: ${error.message}`);
  if (text_preview !== null && text_preview !== '') return shownLine(text_preview);
  if (status === 'queued' || status === 'generating')
    return `${counts.completed} of ${counts.generations} done`;
  return store ? UNKNOWN : 'The text is not stored';
};
