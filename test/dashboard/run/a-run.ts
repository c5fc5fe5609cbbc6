import type { Generation, Run } from '../../../client/index.ts';

const USAGE = { prompt_tokens: 3, completion_tokens: 2, reasoning_tokens: 0, cached_tokens: 0 };

/** An output with the fields that matter to a test. */
export const outputOf = (fields: Partial<Generation> = {}): Generation => ({
  index: 0,
  label: 'default',
  sample: 0,
  status: 'completed',
  text: 'A text.',
  finish_reason: 'stop',
  model: 'small',
  sampling: { requested: {}, sent: {}, effective: {}, warnings: [] },
  usage: USAGE,
  timing: null,
  attempts: [],
  checks: [],
  cost_usd: null,
  price: null,
  output_sha256: null,
  vector_ids: [],
  error: null,
  ...fields,
});

/** A completed run with the fields that matter to a test. */
export const runOf = (fields: Partial<Run> = {}): Run => ({
  id: 'run_1',
  object: 'run',
  status: 'completed',
  created_at: '2026-11-30T12:00:00.000Z',
  model: 'small',
  models: ['small'],
  prompt: 'Explain.',
  messages: null,
  store: true,
  metadata: {},
  conversation: null,
  previous_run: null,
  generations: [outputOf()],
  diversity: null,
  checks: null,
  usage: USAGE,
  cost_usd: null,
  error: null,
  ...fields,
});
