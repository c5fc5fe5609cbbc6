import { randomUUID } from 'node:crypto';
import { generate, type Step } from '../model/generate.ts';
import type { LanguageModel } from '../model/language-model.ts';
import type { Predict } from '../model/predict.ts';
import { freshSeed, seededRandom } from '../model/random.ts';
import { jsonSource, proseSource, type Source } from '../model/source.ts';
import type { ChoiceStep, CompletionPlan, FinishReason, Output, StartedCall } from './completion-format.ts';
import type { GenerationRequest } from './generation-request.ts';

/** The steps of a choice, and the calls that these steps are of. */
export type Choice = { index: number; calls: StartedCall[]; steps: Generator<ChoiceStep, void> };

/** The start of a choice: its prediction and, for a plain completion, the tokens that it continues. */
export type Start = { predict: Predict; context: readonly number[] };

/**
 * The inputs of calls, one call after the other, within one limit of tokens. `writeCall` generates the input of one
 * call within what is left.
 */
function* generateCalls(
  count: number,
  maxTokens: number,
  lastFinish: FinishReason,
  writeCall: (call: number, left: number) => Generator<Step, void>,
): Generator<ChoiceStep, void> {
  let left = maxTokens;
  for (let call = 0; call < count; call++) {
    for (const { finish, ...step } of writeCall(call, left)) {
      left -= step.sampled;
      const isLast = call === count - 1;
      if (finish === undefined || (finish === 'stop' && !isLast && left > 0)) yield { ...step, call };
      else {
        yield { ...step, call, finish: finish === 'stop' && isLast ? lastFinish : 'length' };
        return;
      }
    }
  }
}

/** OpenAI's ids of calls have 24 characters. */
const newCallId = (): string => `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

const callsOf = (output: Output): StartedCall[] =>
  output.kind === 'calls' ? output.calls.map(({ type, name }) => ({ id: newCallId(), type, name })) : [];

/** Makes one generator per choice. Choices of one seed draw from separate streams. */
export const choicesOf = (
  { ngram }: LanguageModel,
  request: GenerationRequest,
  starts: readonly Start[],
  { output, maxTokens, topLogprobs }: CompletionPlan,
): Choice[] => {
  const seed = request.seed ?? freshSeed();
  const { temperature, topK, topP, frequencyPenalty, presencePenalty, stop } = request;

  const stepsOf = ({ predict, context }: Start, index: number): Generator<ChoiceStep, void> => {
    const random = seededRandom(seed, index);
    const write = (source: Source, limit: number, stops: readonly string[]) => {
      const logitBias = new Map(
        [...request.logitBias].flatMap(([token, bias]) => {
          const id = source.find(token);
          return id === undefined ? [] : [[id, bias] as const];
        }),
      );
      return generate(source, {
        sampling: { temperature, topK, topP, frequencyPenalty, presencePenalty, logitBias },
        maxTokens: limit,
        stop: stops,
        random,
        ...(topLogprobs === undefined ? {} : { topLogprobs }),
      });
    };
    switch (output.kind) {
      case 'text':
        return write(proseSource(ngram, predict, context), maxTokens, stop);
      case 'json':
        return write(jsonSource(ngram, predict, output.grammar), maxTokens, stop);
      case 'calls': {
        const sources = output.calls.map((call) =>
          call.type === 'function' ? jsonSource(ngram, predict, call.grammar) : proseSource(ngram, predict),
        );
        return generateCalls(sources.length, maxTokens, output.finish, (call, left) =>
          write(sources[call] as Source, left, []),
        );
      }
    }
  };
  return starts.flatMap((start, at) =>
    Array.from({ length: request.n }, (_, sample) => {
      const index = at * request.n + sample;
      return { index, calls: callsOf(output), steps: stepsOf(start, index) };
    }),
  );
};

/** Receives the output of the choices: `content` each step with text, `finish` once per choice. */
export type ChoiceSink = {
  content(choice: Choice, step: ChoiceStep): void;
  finish(choice: Choice, reason: FinishReason): void;
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
      if (step.text !== '') sink.content(choice, step);
      if (step.finish) sink.finish(choice, step.finish);
      else live.push(choice);
    }
    await sink.drained();
  }
  return sampled;
};
