import { type FinishReason, generate, type Step } from '../model/generate.ts';
import type { LanguageModel } from '../model/language-model.ts';
import type { Predict } from '../model/predict.ts';
import { freshSeed, seededRandom } from '../model/random.ts';
import type { GenerationRequest } from './generation-request.ts';

export type Choice = { index: number; steps: Generator<Step, void> };

/** The start of a choice: its prediction and, for a plain completion, the tokens that it continues. */
export type Start = { predict: Predict; context: readonly number[] };

/** Makes one generator per choice. Choices of one seed draw from separate streams. */
export const choicesOf = (
  model: LanguageModel,
  request: GenerationRequest,
  starts: readonly Start[],
  maxTokens: number,
  topLogprobs: number | undefined,
): Choice[] => {
  const seed = request.seed ?? freshSeed();
  const logitBias = new Map(
    [...request.logitBias].flatMap(([id, bias]) => {
      const dense = model.ngram.denseOf.get(id);
      return dense === undefined ? [] : [[dense, bias] as const];
    }),
  );
  const { temperature, topK, topP, frequencyPenalty, presencePenalty, stop } = request;
  return starts.flatMap(({ predict, context }, start) =>
    Array.from({ length: request.n }, (_, sample) => {
      const index = start * request.n + sample;
      const steps = generate(model.ngram, predict, {
        sampling: { temperature, topK, topP, frequencyPenalty, presencePenalty, logitBias },
        maxTokens,
        stop,
        random: seededRandom(seed, index),
        context,
        ...(topLogprobs === undefined ? {} : { topLogprobs }),
      });
      return { index, steps };
    }),
  );
};

/** Receives the output of the choices: `content` each step with text, `finish` once per choice. */
export type ChoiceSink = {
  content(index: number, step: Step): void;
  finish(index: number, reason: FinishReason): void;
  /** Resolves when more can be written (backpressure). */
  drained(): Promise<void>;
};

/**
 * Runs all choices in step, as an inference server runs a batch. Each round computes one token per choice, waits until
 * it is due, and passes the new text to the sink. Resolves to the number of sampled tokens; rejects when the pacer's
 * signal is aborted.
 */
export const runChoices = async (
  choices: readonly Choice[],
  turnOf: (token: number) => Promise<unknown>,
  sink: ChoiceSink,
): Promise<number> => {
  let sampled = 0;
  let live = [...choices];
  for (let token = 0; live.length > 0; token++) {
    const round = live.map((choice) => ({ choice, step: choice.steps.next().value }));
    await turnOf(token);
    live = [];
    for (const { choice, step } of round) {
      if (!step) continue;
      sampled += step.sampled;
      if (step.text !== '') sink.content(choice.index, step);
      if (step.finish) sink.finish(choice.index, step.finish);
      else live.push(choice);
    }
    await sink.drained();
  }
  return sampled;
};
