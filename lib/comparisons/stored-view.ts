import type { ComparedSetting, ComparedSpread, ComparisonView, Difference } from './view.ts';

/**
 * Reads a stored answer. One of before 2026-11-29 lacks the fields that came later: they are null, its times count no
 * uncertain ones, and the reasons of pairs that were left out are unknown. Its differences were means, and its `clear`
 * held for one interval at a time. Its errors are not known.
 */
export const storedView = (text: string): ComparisonView => {
  const view = JSON.parse(text);
  return {
    ...view,
    name: view.name ?? null,
    verdict: view.verdict ?? null,
    settings: view.settings.map(
      (setting: ComparedSetting): ComparedSetting => ({
        ...setting,
        same_as: setting.same_as ?? null,
        errors: setting.errors ?? {},
        uncertain: setting.uncertain ?? { ttft_ms: 0, tpot_ms: 0, e2e_ms: 0 },
        ttft_ms: spread(setting.ttft_ms),
        tpot_ms: spread(setting.tpot_ms),
        e2e_ms: spread(setting.e2e_ms),
        tokens_per_second: spread(setting.tokens_per_second),
      }),
    ),
    differences: view.differences.map(
      (own: Difference): Difference => ({
        ...own,
        p: own.p ?? null,
        left_out_by: own.left_out_by ?? { failed: 0, cold: 0, uncertain: 0, unknown: own.left_out },
      }),
    ),
  };
};

const spread = (stored: ComparedSpread): ComparedSpread => ({
  ...stored,
  p50_interval: stored.p50_interval ?? null,
  p90_interval: stored.p90_interval ?? null,
});
