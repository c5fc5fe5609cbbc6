import type { Comparison, ExportRow } from '../../client/api-types.ts';
import { viewComparison } from '../../lib/comparisons/make-view.ts';
import { makePlan } from '../../lib/comparisons/plan.ts';
import { drawComparison } from '../../tools/bench/comparisons/draw-comparison.ts';
import { makeDraws } from '../../tools/bench/comparisons/draws.ts';

export type DrawnOptions = {
  prompts?: string[];
  samples?: number;
  labels?: string[];
  name?: string | null;
  /** The text of an answer; by default a few sentences. */
  text?: (block: number, setting: number) => string;
  hasChecks?: boolean;
};

const WORDS =
  'a vector database stores embeddings beside their metadata and finds the nearest ones to a query by distance so that similar texts are close while an index keeps the search fast on large collections'.split(
    ' ',
  );

/** A comparison that has ended, and the rows of its runs, drawn with outliers, drift, gaps and one setting that differs. */
export const drawnComparison = ({
  prompts = ['Explain vector databases.', 'Explain embeddings.'],
  samples = 12,
  labels = ['Focused', 'Free'],
  name = 'Focused or free?',
  text,
  hasChecks = true,
}: DrawnOptions = {}): { comparison: Comparison; rows: ExportRow[] } => {
  const id = 'cmp_06h2tqxrkd03t59ae2wn4jbxe0';
  const size = { prompts: prompts.length, samples, settings: labels.length };
  const drawn = drawComparison(
    { drift: false, gaps: true, vectors: true, effect: { time: 1.4, spread: 2 } } as Parameters<
      typeof drawComparison
    >[0],
    size,
    id,
  );
  const draws = makeDraws(`${id} texts`);
  const blocks = drawn.blocks.map((block) => ({
    ...block,
    errorCodes: block.failed.map((failed) => (failed ? 'upstream_timeout' : null)),
  }));
  const settings = labels.map((label, at) => ({ label, model: 'gpt-6-luna', temperature: 0.3 + at / 10 }));
  const { plan } = makePlan(
    {
      name,
      prompts: prompts.map((prompt) => ({ prompt })),
      settings,
      shared: { max_tokens: 200 },
      samples,
      index: true,
      hasChecks,
      objectives: { max_ttft_ms: 500 },
      metadata: {},
    },
    { id, createdAt: '2026-11-30T16:52:57.627Z', bucket: 'bucket' },
  );
  const comparison = viewComparison({
    file: { id, status: 'completed', stopped: null, error: null },
    plan,
    blocks,
    warmUps: [],
    outputs: {
      sampling: settings.map(({ temperature }) => ({
        requested: { temperature },
        sent: { temperature },
        effective: { temperature },
        warnings: [],
      })),
      texts: null,
      isTooLong: false,
      diversities: drawn.diversities,
      vectors: drawn.vectors,
      missingVectors: 0,
      isFinal: true,
    },
  });
  const sentence = () =>
    Array.from({ length: 60 }, () => WORDS[Math.floor(draws.uniform() * WORDS.length)]).join(' ');
  const rows = blocks.flatMap(({ prompt, cells, failed }, block) =>
    labels.map((label, setting) => {
      const figures = cells[setting];
      return {
        run_id: `run_${block}`,
        index: setting,
        label,
        status: failed[setting] ? 'failed' : 'completed',
        model: 'gpt-6-luna-2026-10-01',
        finish_reason: 'stop',
        completion_tokens: figures?.completionTokens ?? null,
        ttft_ms: figures?.ttftMs ?? null,
        tpot_ms: figures?.tpotMs ?? null,
        e2e_ms: figures?.e2eMs ?? null,
        cost_usd: figures?.costUsd ?? null,
        cold_start: figures?.coldStart ?? null,
        uncertain: figures?.uncertain ?? [],
        checks_passed: figures?.passed ?? null,
        error_code: failed[setting] ? 'upstream_timeout' : null,
        error_message: null,
        metadata: { comparison: id, block: String(block + 1), prompt: String(prompt) },
        prompt: prompts[prompt] ?? null,
        messages: null,
        text: figures ? (text?.(block, setting) ?? sentence()) : null,
      } as unknown as ExportRow;
    }),
  );
  return { comparison: { ...comparison, texts: null } as Comparison, rows };
};
