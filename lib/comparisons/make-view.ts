import type { PromptFile } from '../files/prompt-file.ts';
import { rounded } from '../json/value.ts';
import { fitAnswer } from '../runs/fit-answer.ts';
import type { Run } from '../runs/run.ts';
import { compareSettings, type Findings } from './differences.ts';
import { comparedDiversity } from './diversity.ts';
import type { MeasuredBlock } from './measured-block.ts';
import { notesOf } from './notes.ts';
import type { Outputs } from './outputs.ts';
import type { Plan } from './plan.ts';
import { firstWithSameRequest } from './same-request.ts';
import { settingSummary, wallTimeMs } from './setting-summary.ts';
import { countGenerations, statusOf } from './status.ts';
import { verdictOf } from './verdict.ts';
import type { ComparedSetting, ComparisonView } from './view.ts';

export type ComparisonState = {
  file: Pick<PromptFile, 'id' | 'status' | 'stopped' | 'error'>;
  plan: Plan;
  blocks: MeasuredBlock[];
  warmUps: Run[];
  outputs: Outputs | null;
};

/**
 * Makes the view of a comparison: with differences once every block is answered, with diversity if given `outputs`, and
 * with what is clear once these are final. A view of more than 5 MB leaves out how settings were sampled; their runs have
 * it.
 */
export const viewComparison = (state: ComparisonState): ComparisonView => {
  const { file, plan, blocks, warmUps, outputs } = state;
  const wallMs = wallTimeMs(blocks);
  const context = { objectives: plan.objectives, hasChecks: plan.has_checks, wallTimeMs: wallMs };
  const firsts = firstWithSameRequest(
    plan.settings.map(({ model }) => model),
    outputs?.sampling ?? [],
  );
  const settings = plan.settings.map(
    (setting, at): ComparedSetting => ({
      ...settingSummary(setting, at, blocks, context),
      sampling: outputs?.sampling[at] ?? null,
      same_as: firsts[at] === at ? null : (plan.settings[firsts[at] ?? at]?.label ?? null),
      diversity: outputs && plan.samples > 1 ? comparedDiversity(at, outputs) : null,
    }),
  );
  const { completed, failed } = countGenerations(blocks);
  const status = statusOf(state, { completed, failed });
  const findings: Findings =
    status === 'generating'
      ? { tested: [], critical: null }
      : compareSettings({
          labels: plan.settings.map(({ label }) => label),
          settings: [...new Set(firsts)],
          blocks,
          diversities: outputs?.diversities ?? [],
          vectors: outputs?.vectors ?? [],
          seed: plan.id,
          isOver: outputs?.isFinal === true,
          hasChecks: plan.has_checks,
        });
  const view = {
    id: plan.id,
    object: 'comparison' as const,
    name: plan.name ?? null,
    status,
    created_at: plan.created_at,
    prompts: plan.prompts,
    samples: plan.samples,
    objectives: plan.objectives,
    metadata: plan.metadata,
    progress: {
      blocks: blocks.length,
      done: blocks.filter(({ isAnswered }) => isAnswered).length,
      generations: blocks.length * plan.settings.length,
      completed,
      failed,
    },
    settings,
    differences: findings.tested.map(({ difference }) => difference),
    verdict:
      outputs?.isFinal === true
        ? verdictOf(
            settings.filter(({ same_as }) => same_as === null),
            findings,
            blocks.length,
          )
        : null,
    warm_up: warmUpOf(plan, warmUps),
    cold_starts: { n: settings.reduce((sum, { cold }) => sum + cold.n, 0) },
    wall_time_ms: wallMs,
    stopped: file.stopped,
    error: file.error,
  };
  const whole = { ...view, notes: notesOf(view, { plan, blocks, outputs }) };
  return fitAnswer({
    items: settings,
    instead: { requested: {}, sampling: null },
    readAt: () => `/runs?metadata.comparison=${plan.id}`,
    answerOf: (shown) => ({ ...whole, settings: shown }),
  });
};

const warmUpOf = ({ warm_ups }: Plan, runs: Run[]): ComparisonView['warm_up'] => {
  const costs = runs.flatMap(({ generations }) => generations.flatMap(({ costUsd }) => costUsd ?? []));
  return {
    runs: warm_ups.length,
    failed: runs.filter(({ status }) => status === 'failed').length,
    cost_usd: costs.length === 0 ? null : rounded(costs.reduce((sum, cost) => sum + cost, 0)),
    excluded: true,
  };
};
