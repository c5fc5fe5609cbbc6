import type { FileSummary } from '../../../client/index.ts';

type Given = Partial<Omit<FileSummary, 'counts'>> & { counts?: Partial<FileSummary['counts']> };

/** A prompt file of ten lines that is generated, as the API shows it. */
export const makeFile = ({ counts, ...given }: Given = {}): FileSummary => ({
  id: 'file_1',
  object: 'file',
  key: 'prompts/@local/products.csv',
  filename: 'products.csv',
  size_bytes: 100,
  retry_of: null,
  endpoint: null,
  status: 'generating',
  created_at: '2026-11-30T12:00:00.000Z',
  generating_at: '2026-11-30T12:00:01.000Z',
  ended_at: null,
  dry_run: false,
  max_cost_usd: null,
  stopped: null,
  error: null,
  counts: {
    ...{ lines: 10, accepted: 10, refused: 0, reused: 0, generated: 0, completed: 0, failed: 0 },
    ...{ not_begun: 0, remaining: 10, generations: 0 },
    ...counts,
  },
  estimate: null,
  errors: [],
  usage: { prompt_tokens: 0, completion_tokens: 0 },
  cost_usd: 0,
  reused_cost_usd: 0,
  paid_usd: 0,
  lines_per_second: null,
  rows_per_second: null,
  seconds_left: null,
  results: {
    jsonl: 'results/a.jsonl',
    summary: 'results/a.summary.json',
    partial: 'results/a.partial.jsonl',
  },
  ...given,
});
