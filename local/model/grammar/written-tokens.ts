import type { Ngram } from '../ngram.ts';
import { encodeText } from '../tokens.ts';
import type { WiderVocabulary } from '../vocabulary.ts';
import type { PlainTokens, Texts } from './scanner.ts';

/** The tokens of a model that stand unescaped in a JSON string. */
type ProseTokens = { plain: PlainTokens; texts: Texts };

const known = new WeakMap<Ngram, ProseTokens>();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // a part of a character
  }
};

const escapedIn = (text: string): boolean => JSON.stringify(text).length > text.length + 2;

const readProseTokens = (model: Ngram): ProseTokens => {
  const texts = new Map(
    model.bytes.flatMap((bytes, id): [number, string][] => {
      const text = textOf(bytes);
      return text === undefined || escapedIn(text) ? [] : [[id, text]];
    }),
  );
  const lengthOf = new Map([...texts].map(([id, text]) => [id, [...text].length]));
  return {
    texts,
    plain: { ids: Int32Array.from(texts.keys()), lengthOf, longest: Math.max(1, ...lengthOf.values()) },
  };
};

export const proseTokens = (model: Ngram): ProseTokens => {
  const tokens = known.get(model) ?? readProseTokens(model);
  known.set(model, tokens);
  return tokens;
};

/** A text's tokens, which the vocabulary takes up. */
export const idsOf = (text: string, vocabulary: WiderVocabulary): number[] =>
  encodeText(text).map((token) => vocabulary.idOf(token));

/** The tokens of digits, point and minus: single ones, and the longer ones of the model's prose. */
export const digitTokens = (model: Ngram, vocabulary: WiderVocabulary): Texts =>
  new Map([
    ...[...proseTokens(model).texts].filter(([, text]) => /^\d+$/.test(text)),
    ...[...'0123456789.-'].flatMap((character) =>
      idsOf(character, vocabulary).map((id): [number, string] => [id, character]),
    ),
  ]);

const spellingOf = (character: string): string => JSON.stringify(character).slice(1, -1);

/** Whether a JSON string can have a character as one token. */
export const isOneToken = (character: string): boolean => encodeText(spellingOf(character)).length === 1;

/** The tokens of a model's prose, and of each of the characters. The texts are those that JSON reads. */
export const textTokens = (
  model: Ngram,
  vocabulary: WiderVocabulary,
  characters: Iterable<string>,
): Texts => {
  const texts = new Map(proseTokens(model).texts);
  for (const character of characters)
    for (const id of idsOf(spellingOf(character), vocabulary)) texts.set(id, character);
  return texts;
};
