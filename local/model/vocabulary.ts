import type { Ngram } from './ngram.ts';
import { tokenBytes } from './tokens.ts';

/** Tokens by dense ids. */
export type Vocabulary = {
  bytes: readonly Uint8Array[];
  /** The id of the end of a text, which has no bytes. */
  end: number;
  /** The id of an o200k token; `undefined` for one that is not in the vocabulary. */
  find(token: number): number | undefined;
};

export const vocabularyOf = ({ bytes, end, denseOf }: Ngram): Vocabulary => ({
  bytes,
  end,
  find: (token) => denseOf.get(token),
});

/** A model's vocabulary with further tokens, whose ids follow those of the model. */
export type WiderVocabulary = Vocabulary & {
  /** The id of an o200k token, which is added if it is new. */
  idOf(token: number): number;
};

const NO_BYTES = new Uint8Array();

/** The tokens of a model, to which `idOf` adds others: keys, punctuation and digits that the prose does not have. */
export const widen = (model: Ngram): WiderVocabulary => {
  const bytes = [...model.bytes, NO_BYTES, NO_BYTES]; // the end, and the beginning, which is never an output
  const added = new Map<number, number>();
  const find = (token: number): number | undefined => model.denseOf.get(token) ?? added.get(token);
  return {
    bytes,
    end: model.end,
    find,
    idOf(token) {
      const known = find(token);
      if (known !== undefined) return known;
      added.set(token, bytes.length);
      bytes.push(tokenBytes(token));
      return bytes.length - 1;
    },
  };
};
