import type { Compared } from '../../../lib/comparisons/differences.ts';
import type { MeasuredBlock } from '../../../lib/comparisons/measured-block.ts';
import { diversitiesOf } from '../../../lib/comparisons/outputs.ts';
import { type GenerationFigures, UNCERTAIN_TIMES } from '../../../lib/runs/run.ts';
import { type Draws, makeDraws } from './draws.ts';
import type { Effect, Scenario } from './scenarios.ts';

const TTFT_MS = 300;
const TPOT_MS = 10;
const TOKENS = 100;
/** Standard deviations of the logarithms. */
const OF_TTFT = 0.3;
const OF_TPOT = 0.15;
const OF_TOKENS = 0.25;
const OF_PROMPT = 0.5;
const OF_BLOCK = 0.2;
/** How often a time is an outlier, and how many times as long it is. */
const OUTLIERS = 0.02;
const OUTLIER_FACTOR = 10;
/** From the first block to the last, the times grow to so many times. */
const DRIFT = 3;
const PASSES = 0.8;
const FAILED = 0.05;
const COLD = 0.05;
const COLD_BLOCKS = 0.1;
const COLD_FACTOR = 4;
const UNCERTAIN = 0.02;
/** A cancelled comparison leaves this share of its blocks out, at most. */
const NOT_BEGUN = 0.3;
const DIMENSIONS = 8;
/** A text's distance from its prompt's centre, and that of the rare text about something else. */
const SPREAD = 0.5;
const FAR_TEXTS = 0.03;
const FAR = 3;

export type Size = { prompts: number; samples: number; settings: number };

/** Draws a comparison that has ended. The last setting has the scenario's effect. */
export const drawComparison = (
  { drift, gaps, vectors, effect }: Scenario,
  { prompts, samples, settings }: Size,
  seed: string,
): Compared => {
  const draws = makeDraws(seed);
  const n = prompts * samples;
  const ofPrompt = Array.from({ length: prompts }, () => Math.exp(OF_PROMPT * draws.normal()));
  const centres = Array.from({ length: prompts }, () =>
    Array.from({ length: DIMENSIONS }, () => draws.normal()),
  );
  const begun = gaps ? n - Math.floor(n * NOT_BEGUN * draws.uniform()) : n;
  const blocks = Array.from({ length: n }, (_, at): MeasuredBlock => {
    const prompt = at % prompts;
    const busy = drift ? DRIFT ** (at / n) * Math.exp(OF_BLOCK * draws.normal()) : 1;
    const isCold = gaps && draws.chance(COLD_BLOCKS);
    const cells = Array.from({ length: settings }, (_, setting) => {
      const own = setting === settings - 1 ? effect : {};
      const figures = drawFigures(draws, busy * (ofPrompt[prompt] ?? 1), own);
      return gaps ? withGaps(draws, figures, own, isCold) : figures;
    });
    const isMissing = at >= begun;
    return {
      prompt,
      run: undefined,
      isAnswered: true,
      hasEnded: true,
      cells: cells.map((figures) => (isMissing ? undefined : figures)),
      failed: cells.map((figures) => isMissing || figures === undefined),
      errorCodes: cells.map(() => null),
    };
  });
  const ofOutputs = vectors
    ? blocks.map(({ prompt, cells }) =>
        cells.map((figures, setting) => {
          const vector = drawVector(draws, centres[prompt] ?? [], setting === settings - 1 ? effect : {});
          return figures && vector;
        }),
      )
    : [];
  const labels = Array.from({ length: settings }, (_, at) => `setting ${at + 1}`);
  return {
    labels,
    settings: [...labels.keys()],
    blocks,
    diversities: vectors ? diversitiesOf(ofOutputs, { prompts, settings: labels }, blocks) : [],
    vectors: ofOutputs,
    seed,
    isOver: true,
  };
};

/** `time: 0` stands for times and tokens that never vary. */
const drawFigures = (
  draws: Draws,
  busy: number,
  { time = 1, passes = PASSES }: Effect,
): GenerationFigures => {
  const vary = (deviation: number) => (time === 0 ? 1 : Math.exp(deviation * draws.normal()));
  const outlier = () => (time !== 0 && draws.chance(OUTLIERS) ? OUTLIER_FACTOR : 1);
  const tokens = Math.max(2, Math.round(TOKENS * vary(OF_TOKENS)));
  const ttftMs = (time || 1) * TTFT_MS * busy * vary(OF_TTFT) * outlier();
  const tpotMs = (time || 1) * TPOT_MS * busy * vary(OF_TPOT) * outlier();
  return {
    status: 'completed',
    lease: '',
    sha256: null,
    model: '',
    promptTokens: 20,
    completionTokens: tokens,
    reasoningTokens: 0,
    ttftMs,
    tpotMs,
    e2eMs: ttftMs + tpotMs * (tokens - 1),
    costUsd: 1e-6 + 4e-7 * tokens,
    chars: 0,
    chunks: 1,
    errorCode: null,
    passed: draws.chance(passes),
    startedAt: 0,
    coldStart: false,
    longestGapMs: null,
    uncertain: [],
  };
};

const withGaps = (
  draws: Draws,
  figures: GenerationFigures,
  { failed = FAILED, cold = COLD }: Effect,
  isColdBlock: boolean,
): GenerationFigures | undefined => {
  if (draws.chance(failed)) return undefined;
  const coldStart = draws.chance(cold) || isColdBlock;
  const later = coldStart ? COLD_FACTOR : 1;
  return {
    ...figures,
    coldStart,
    ttftMs: later * (figures.ttftMs ?? 0),
    e2eMs: later * (figures.e2eMs ?? 0),
    uncertain: UNCERTAIN_TIMES.filter(() => draws.chance(UNCERTAIN)),
  };
};

const drawVector = (draws: Draws, centre: number[], { spread = 1 }: Effect): Float32Array => {
  const distance = SPREAD * spread * (draws.chance(FAR_TEXTS) ? FAR : 1);
  return Float32Array.from(centre, (value) => value + distance * draws.normal());
};
