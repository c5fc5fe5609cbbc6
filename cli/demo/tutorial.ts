/** The tutorial's own prompt and sampling: two settings whose outputs are to differ. */
export const TUTORIAL_PROMPT = 'Explain vector databases in a technical manner.';

export const LABELS = ['Top-k 40', 'Top-p 0.9'] as const;

const sampling = {
  max_tokens: 100,
  temperature: 0.5,
  settings: [
    { label: LABELS[0], top_k: 40, top_p: 1.0 },
    { label: LABELS[1], top_p: 0.9 },
  ],
  stream: true,
};

export const DIVERSITY_SAMPLES = 8;

/** The run that is shown: one output a setting. */
export const shownRun = (prompt: string) => ({ ...sampling, prompt });

/** More outputs of the same, for diversity; the local model gives them as fast as it can. */
export const diversityRun = (prompt: string, extraBody: Record<string, unknown> | null) => ({
  ...sampling,
  prompt,
  samples: DIVERSITY_SAMPLES,
  extra_body: extraBody,
});

/** What takes the cold starts, so that the shown figures are those of a service in use. It is never indexed. */
export const warmUpRun = (extraBody: Record<string, unknown> | null) => ({
  prompt: 'Say hello.',
  max_tokens: 8,
  settings: [{ label: 'warm-up' }],
  samples: 2,
  index: false,
  extra_body: extraBody,
  metadata: { purpose: 'warm-up' },
});
