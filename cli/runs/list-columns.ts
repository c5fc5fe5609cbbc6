import type { RunSummary } from '../../client/index.ts';
import type { Column } from '../terminal/print-table.ts';
import { shortTime } from '../terminal/time.ts';
import { dollars, milliseconds, secondsOf, whole } from '../terminal/units.ts';

/** The columns of a list of runs as a person reads them. */
export const SHOWN: Column<RunSummary>[] = [
  { title: 'time', text: ({ created_at }) => shortTime(created_at), left: true },
  { title: 'run', text: ({ id }) => id, left: true },
  { title: 'status', text: ({ status }) => status, left: true, optional: 1 },
  { title: 'model', text: ({ models }) => models.join(', '), left: true, optional: 5 },
  { title: 'label', text: labelsOf, left: true, optional: 6 },
  { title: 'tokens', text: ({ usage }) => whole(usage.completion_tokens), optional: 3 },
  { title: 'first token', text: ({ mean_ttft_ms }) => milliseconds(mean_ttft_ms), optional: 4 },
  { title: 'per token', text: ({ mean_tpot_ms }) => milliseconds(mean_tpot_ms, 1), optional: 4 },
  { title: 'total', text: ({ e2e_ms }) => secondsOf(e2e_ms), optional: 4 },
  { title: 'cost', text: ({ cost_usd }) => dollars(cost_usd), optional: 2 },
  { title: 'prompt → text', text: previewOf, fills: 18 },
];

/** The only label is `default` where a request names none. */
function labelsOf({ labels }: RunSummary): string {
  return labels.every((label) => label === 'default') ? '' : labels.join(', ');
}

function previewOf({ prompt_preview, text_preview, error }: RunSummary): string {
  const end = error === null ? text_preview : error.code;
  return [prompt_preview ?? '(not kept)', end].filter((part) => part !== null && part !== '').join(' → ');
}

type Exact = (row: RunSummary) => string | number | null;

const exact = (title: string, csv: Exact): Column<RunSummary> => ({ title, text: () => '', csv });

/** The columns in CSV, by the API's names. */
export const EXACT: Column<RunSummary>[] = [
  exact('created_at', ({ created_at }) => created_at),
  exact('id', ({ id }) => id),
  exact('status', ({ status }) => status),
  exact('models', ({ models }) => models.join(' ')),
  exact('labels', ({ labels }) => labels.join(', ')),
  exact('generations', ({ counts }) => counts.generations),
  exact('failed', ({ counts }) => counts.failed),
  exact('prompt_tokens', ({ usage }) => usage.prompt_tokens),
  exact('completion_tokens', ({ usage }) => usage.completion_tokens),
  exact('mean_ttft_ms', ({ mean_ttft_ms }) => mean_ttft_ms),
  exact('mean_tpot_ms', ({ mean_tpot_ms }) => mean_tpot_ms),
  exact('e2e_ms', ({ e2e_ms }) => e2e_ms),
  exact('longest_gap_ms', ({ longest_gap_ms }) => longest_gap_ms),
  exact('cost_usd', ({ cost_usd }) => cost_usd),
  exact('conversation', ({ conversation }) => conversation),
  exact('error', ({ error }) => error?.code ?? null),
  exact('prompt_preview', ({ prompt_preview }) => prompt_preview),
  exact('text_preview', ({ text_preview }) => text_preview),
];
