import { type JsonObject, own } from '../../json.ts';
import { type Automaton, automatonOf, intersected } from '../grammar/automaton.ts';
import { matchedText } from '../grammar/matched-text.ts';
import { numberTexts } from '../grammar/number-range.ts';
import { type Part, scanned } from '../grammar/parts.ts';
import { PatternError, parsePattern } from '../grammar/pattern-syntax.ts';
import { numeral, prose, words } from '../grammar/scanner.ts';
import { digitTokens, idsOf, isOneToken, proseTokens, textTokens } from '../grammar/written-tokens.ts';
import type { Ngram } from '../ngram.ts';
import type { WiderVocabulary } from '../vocabulary.ts';
import { FORMATS } from './formats.ts';
import { SchemaError } from './schema-error.ts';
import type { SchemaLimits } from './schema-limits.ts';

/** The parts of a value, and the fixed texts between them. */
export type Draft = (string | Part)[];

/** The tokens that a schema is written in. */
export type Tokens = { model: Ngram; vocabulary: WiderVocabulary };

type Path = readonly string[];

const readNumber = (schema: JsonObject, name: string, path: Path): number | undefined => {
  const value = own(schema, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new SchemaError(path, `'${name}' is not a number.`);
  return value;
};

/** Reads a keyword that counts something; `undefined` when it is absent. */
export const readCount = (schema: JsonObject, name: string, path: Path): number | undefined => {
  const value = readNumber(schema, name, path);
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 0))
    throw new SchemaError(path, `'${name}' is not a non-negative integer.`);
  return value;
};

const readText = (schema: JsonObject, name: string, path: Path): string | undefined => {
  const value = own(schema, name);
  if (value !== undefined && typeof value !== 'string')
    throw new SchemaError(path, `'${name}' is not a string.`);
  return value;
};

export const numberDraft = (schema: JsonObject, path: Path, isInteger: boolean, tokens: Tokens): Draft => {
  const bounds = Object.fromEntries(
    ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].flatMap((name) => {
      const value = readNumber(schema, name, path);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  if (own(bounds, 'multipleOf') !== undefined && Number(own(bounds, 'multipleOf')) <= 0)
    throw new SchemaError(path, "'multipleOf' is not a positive number.");
  try {
    const texts = digitTokens(tokens.model, tokens.vocabulary);
    return [scanned(numeral(texts, numberTexts({ ...bounds, isInteger })))];
  } catch (error) {
    if (error instanceof RangeError) throw new SchemaError(path, `the range of the number ${error.message}.`);
    throw error;
  }
};

/** The automaton of a pattern and a format; `undefined` when the schema has neither. */
const automatonIn = (schema: JsonObject, path: Path): Automaton | undefined => {
  const pattern = readText(schema, 'pattern', path);
  const format = readText(schema, 'format', path);
  const example = format === undefined ? undefined : FORMATS.get(format);
  if (format !== undefined && example === undefined)
    throw new SchemaError(path, `'format' with the value '${format}' is not permitted.`);
  const [first, second] = [pattern, example].flatMap((source) =>
    source === undefined ? [] : [automatonOf(parsePattern(source), isOneToken)],
  );
  return first && second ? intersected(first, second) : first;
};

export const stringDraft = (
  schema: JsonObject,
  path: Path,
  { model, vocabulary }: Tokens,
  limits: Pick<SchemaLimits, 'addMoves'>,
): Draft => {
  const min = readCount(schema, 'minLength', path) ?? 0;
  const max = readCount(schema, 'maxLength', path) ?? Number.POSITIVE_INFINITY;
  if (min > max) throw new SchemaError(path, "'minLength' is greater than 'maxLength'.");
  try {
    const automaton = automatonIn(schema, path);
    if (automaton === undefined) return ['"', scanned(prose(proseTokens(model).plain, { min, max })), '"'];
    limits.addMoves(
      path,
      automaton.follow.reduce((sum, { length }) => sum + length, 0),
    );
    const characters = new Set(automaton.characters.flatMap((each) => [...each]));
    const texts = textTokens(model, vocabulary, characters);
    return ['"', scanned(matchedText(automaton, texts, { min, max })), '"'];
  } catch (error) {
    if (error instanceof PatternError) throw new SchemaError(path, `'pattern' ${error.message}.`);
    throw error;
  }
};

/** One of several values. Strings share their opening and closing quotes, so that they differ in their own tokens. */
export const valuesDraft = (values: readonly unknown[], { vocabulary }: Tokens): Draft => {
  const texts = values.map((value) => JSON.stringify(value));
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return [only];
  const areStrings = values.every((value) => typeof value === 'string');
  const inner = areStrings ? texts.map((text) => text.slice(1, -1)) : texts;
  const scanner = scanned(words(inner.map((text) => idsOf(text, vocabulary))));
  return areStrings ? ['"', scanner, '"'] : [scanner];
};
