import { walk } from './grammar/walk.ts';
import { CONTEXT_LENGTH, type Ngram } from './ngram.ts';
import { PARAGRAPH_START, type Position, positionAfter } from './position.ts';
import type { Predict } from './predict.ts';
import type { SchemaGrammar } from './schema/compile-schema.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';

/** Predicts the tokens of one text, one after the other. */
export type Source = Vocabulary & {
  /** Fills `out`, of the vocabulary's size, with the probability of each id. */
  predict(out: Float64Array): void;
  /** Goes on after a token. */
  take(id: number): void;
  /** Whether the text is complete, so that no token may follow, not even the end. */
  isComplete(): boolean;
};

/** The tokens before the next one, and their position. A new paragraph is predicted from its beginning alone. */
const makeContext = (model: Ngram, given: readonly number[]) => {
  let tokens = given.length > 0 ? [...given] : [model.begin];
  let position: Position = { ...PARAGRAPH_START, offset: given.length };
  const restart = (): void => {
    tokens = [model.begin];
    position = PARAGRAPH_START;
  };
  return {
    predict: (predict: Predict, out: Float64Array): void => predict(tokens, out, position),
    restart,
    add(id: number): void {
      if (model.breaks[id] === 1) restart();
      else {
        position = positionAfter(position, model.marks, tokens.at(-1), id);
        tokens = [...tokens, id].slice(-CONTEXT_LENGTH);
      }
    },
  };
};

/** Prose, as the n-gram predicts it. `given` are dense tokens to continue from; without any, it starts a paragraph. */
export const proseSource = (model: Ngram, predict: Predict, given: readonly number[] = []): Source => {
  const context = makeContext(model, given);
  return {
    ...vocabularyOf(model),
    predict: (out) => context.predict(predict, out),
    take: context.add,
    isComplete: () => false,
  };
};

/**
 * The JSON text of a value that a schema allows. The probabilities are conditioned on the schema: each is the share of
 * a token among those that may follow. Within strings it is the n-gram's, and each string starts a paragraph.
 */
export const jsonSource = (model: Ngram, predict: Predict, grammar: SchemaGrammar): Source => {
  const { vocabulary } = grammar;
  const steps = walk(grammar);
  const context = makeContext(model, []);
  const ngram = new Float64Array(model.size);
  return {
    ...vocabulary,
    predict(out) {
      const forced = steps.forced();
      if (forced === undefined) {
        context.predict(predict, ngram);
        steps.weigh(ngram, out);
      } else {
        out.fill(0);
        out[forced] = 1;
      }
    },
    take(id) {
      if (steps.take(id) === 'prose' && id < model.size) context.add(id);
      else context.restart();
    },
    isComplete: steps.isComplete,
  };
};
