/** How one setting differs from the others: factors of its times and of the spread of its texts, and its own rates. */
export type Effect = { time?: number; spread?: number; passes?: number; failed?: number; cold?: number };

/**
 * A world that comparisons are drawn from. `gaps`: failed generations, cold starts, uncertain times, and a comparison that was
 * cancelled before its end. `effect` is of the last setting; `judged` are the pairs that count: all of them, or those of
 * the other settings alone, which are equal.
 */
export type Scenario = {
  name: string;
  drift: boolean;
  gaps: boolean;
  vectors: boolean;
  effect: Effect;
  judged: 'all' | 'others';
};

const base = { drift: false, gaps: false, vectors: false, effect: {}, judged: 'all' } as const;

/** Of equal settings: each clear difference is a false one. */
export const EQUAL: Scenario[] = [
  { ...base, name: 'times with outliers' },
  { ...base, name: 'and drift', drift: true },
  { ...base, name: 'and diversity', drift: true, vectors: true },
  { ...base, name: 'and gaps', drift: true, vectors: true, gaps: true },
  {
    ...base,
    name: 'and one setting fails and starts cold more often',
    drift: true,
    vectors: true,
    gaps: true,
    effect: { failed: 0.3, cold: 0.3 },
  },
];

/** Of equal settings beside another one that differs: differences among the equal ones are false. */
export const BESIDE: Scenario[] = [
  {
    ...base,
    name: 'beside one of twice the times',
    drift: true,
    vectors: true,
    effect: { time: 2 },
    judged: 'others',
  },
  {
    ...base,
    name: 'beside one that always says the same, in the same time',
    drift: true,
    vectors: true,
    effect: { time: 0, spread: 0, passes: 1 },
    judged: 'others',
  },
];

/** Of true differences: each clear one is a find. */
export const DIFFERENT: Scenario[] = [1.2, 1.5, 2].map((factor) => ({
  ...base,
  name: `times and spread of texts + ${Math.round(100 * factor - 100)}%`,
  drift: true,
  vectors: true,
  effect: { time: factor, spread: factor },
}));

/** Blocks as prompts x samples. */
export const SIZES = [
  { prompts: 2, samples: 4 },
  { prompts: 4, samples: 5 },
  { prompts: 6, samples: 10 },
];
