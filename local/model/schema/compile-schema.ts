import { isObject, type JsonObject, own } from '../../json.ts';
import { makeLeast, type Part, type Rule, scanned, settle } from '../grammar/parts.ts';
import { literal } from '../grammar/scanner.ts';
import type { Grammar } from '../grammar/walk.ts';
import { idsOf } from '../grammar/written-tokens.ts';
import type { Ngram } from '../ngram.ts';
import { type WiderVocabulary, widen } from '../vocabulary.ts';
import { type Draft, numberDraft, readCount, stringDraft, valuesDraft } from './scalars.ts';
import { SchemaError } from './schema-error.ts';
import { schemaLimits } from './schema-limits.ts';

/** The texts of a schema's values, and the vocabulary that they are written in. */
export type SchemaGrammar = Grammar & { vocabulary: WiderVocabulary };

/** Keywords that say nothing about the value itself. */
const ANNOTATIONS = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
];

const NUMBER_KEYWORDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];

const KEYWORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['object', ['properties', 'required', 'additionalProperties']],
  ['array', ['items', 'minItems', 'maxItems', 'uniqueItems']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['number', NUMBER_KEYWORDS],
  ['integer', NUMBER_KEYWORDS],
  ['boolean', []],
  ['null', []],
]);

/** Stands for a schema that leaves its value open. */
const ANY_VALUE = { type: ['string', 'integer', 'boolean'] };

/** An array has at most so many items more than it must. */
const SOFT_ITEMS = 5;

type Path = readonly string[];

const refuseOthers = (schema: JsonObject, path: Path, allowed: readonly string[]): void => {
  const other = Object.keys(schema).find((name) => !allowed.includes(name) && !ANNOTATIONS.includes(name));
  if (other !== undefined) throw new SchemaError(path, `'${other}' is not permitted.`);
};

const hasType = (value: unknown, type: string): boolean => {
  if (type === 'integer') return Number.isInteger(value);
  const own = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return own === type;
};

/** The names of a JSON pointer in a `$ref`, from the root; `undefined` for a reference to another document. */
const pointerIn = (reference: unknown): string[] | undefined => {
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) return undefined;
  return reference
    .split('/')
    .slice(1)
    .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'));
};

/** Rules that a text of the parts may begin with, before any token. */
const leadingRules = ([part]: readonly Part[]): Rule[] => {
  if (part?.kind === 'reference') return [part.rule];
  return part?.kind === 'choice' ? part.branches.flatMap(leadingRules) : [];
};

const startsWithItself = (rule: Rule): boolean => {
  const reached = new Set(leadingRules(rule.parts));
  for (const each of reached) for (const next of leadingRules(each.parts)) reached.add(next);
  return reached.has(rule);
};

const compile = (root: JsonObject, model: Ngram, isStrict: boolean): SchemaGrammar => {
  const vocabulary = widen(model);
  const tokens = { model, vocabulary };
  const limits = schemaLimits();
  const rules = new Map<string, { rule: Rule; path: Path }>();

  /** Makes tokens of the fixed texts; neighbours become one text first. */
  const partsOf = (draft: Draft): Part[] => {
    const parts: Part[] = [];
    let text = '';
    const flush = (): void => {
      if (text !== '') parts.push(scanned(literal(idsOf(text, vocabulary))));
      text = '';
    };
    for (const piece of draft) {
      if (typeof piece === 'string') text += piece;
      else {
        flush();
        parts.push(piece);
      }
    }
    flush();
    return parts;
  };

  const oneOf = (drafts: Draft[]): Draft => {
    const [only] = drafts;
    return drafts.length === 1 && only ? only : [{ kind: 'choice', branches: drafts.map(partsOf) }];
  };

  const referred = (reference: unknown, path: Path): Draft => {
    const names = pointerIn(reference);
    let target: unknown = root;
    for (const name of names ?? [])
      target = typeof target === 'object' && target ? own({ ...target }, name) : undefined;
    if (names === undefined || target === undefined)
      throw new SchemaError(path, `'$ref' is not found in the schema: ${String(reference)}.`);
    const key = JSON.stringify(names);
    const known = rules.get(key);
    if (known) return [{ kind: 'reference', rule: known.rule }];
    const rule: Rule = { parts: [], least: Number.POSITIVE_INFINITY };
    rules.set(key, { rule, path: names });
    rule.parts = partsOf(draftOf(target, names, names.length === 0 ? 0 : 1));
    return [{ kind: 'reference', rule }];
  };

  const objectDraft = (schema: JsonObject, path: Path, objects: number): Draft => {
    limits.enter(path, objects + 1);
    const { additionalProperties = true } = schema;
    const properties = schema.properties ?? {};
    if (!isObject(properties)) throw new SchemaError(path, "'properties' is not an object.");
    const required: unknown = schema.required ?? [];
    if (!isNames(required)) throw new SchemaError(path, "'required' is not an array of names.");
    if (isStrict) refuseLoose(schema, path, properties, required);
    const others = isObject(additionalProperties) ? additionalProperties : ANY_VALUE;
    const undescribed = required.filter((name) => own(properties, name) === undefined);
    if (undescribed.length > 0 && additionalProperties === false)
      throw new SchemaError(path, `'required' has '${undescribed[0]}', which is no property.`);
    limits.addProperties(path, [...Object.keys(properties), ...undescribed]);
    const members = [
      ...Object.entries(properties).map(([name, value]) => ({ name, value, at: ['properties', name] })),
      ...undescribed.map((name) => ({ name, value: others, at: ['additionalProperties'] })),
    ].map(({ name, value, at }) => ({
      name: `${JSON.stringify(name)}:`,
      isRequired: required.includes(name),
      value: draftOf(value, [...path, ...at], objects + 1),
    }));
    if (members.length === 0) return ['{}'];
    if (members.every(({ isRequired }) => isRequired))
      return [...members.flatMap(({ name, value }, at) => [`${at === 0 ? '{' : ','}${name}`, ...value]), '}'];
    return [
      {
        kind: 'members',
        at: 0,
        members: members.map(({ name, isRequired, value }) => ({
          isRequired,
          first: partsOf([`{${name}`, ...value]),
          further: partsOf([`,${name}`, ...value]),
        })),
        empty: partsOf(['{}']),
        close: partsOf(['}']),
      },
    ];
  };

  const arrayDraft = (schema: JsonObject, path: Path, objects: number): Draft => {
    const { items, uniqueItems = false } = schema;
    if (uniqueItems !== false) throw new SchemaError(path, "'uniqueItems' is not permitted.");
    if (items === undefined && isStrict) throw new SchemaError(path, 'array schema missing items.');
    const min = readCount(schema, 'minItems', path) ?? 0;
    const max = readCount(schema, 'maxItems', path) ?? Number.POSITIVE_INFINITY;
    if (min > max) throw new SchemaError(path, "'minItems' is greater than 'maxItems'.");
    const item = draftOf(items ?? ANY_VALUE, [...path, 'items'], objects);
    return [
      {
        kind: 'items',
        min,
        max: Math.min(max, min + SOFT_ITEMS),
        first: partsOf(['[', ...item]),
        further: partsOf([',', ...item]),
        empty: partsOf(['[]']),
        close: partsOf([']']),
      },
    ];
  };

  const typeDraft = (type: string, schema: JsonObject, path: Path, objects: number): Draft => {
    switch (type) {
      case 'object':
        return objectDraft(schema, path, objects);
      case 'array':
        return arrayDraft(schema, path, objects);
      case 'string':
        return stringDraft(schema, path, tokens, limits);
      case 'number':
      case 'integer':
        return numberDraft(schema, path, type === 'integer', tokens);
      case 'boolean':
        return valuesDraft([true, false], tokens);
      default:
        return ['null'];
    }
  };

  /** The types of a schema: those that it names, or for one that is not strict the one that its keywords are of. */
  const typesOf = (schema: JsonObject, path: Path): string[] => {
    const { type } = schema;
    if (type === undefined && !isStrict) {
      const implied = [...KEYWORDS].find(([, words]) =>
        words.some((word) => own(schema, word) !== undefined),
      );
      return implied ? [implied[0]] : ANY_VALUE.type;
    }
    if (type === undefined) throw new SchemaError(path, "schema must have a 'type' key.");
    const types: unknown[] = Array.isArray(type) ? type : [type];
    const known = types.filter((each) => typeof each === 'string' && KEYWORDS.has(each)) as string[];
    if (known.length === 0 || known.length < types.length)
      throw new SchemaError(path, `${JSON.stringify(type)} is not valid under any of the given schemas.`);
    return known;
  };

  const valuesOf = (schema: JsonObject, path: Path): Draft => {
    refuseOthers(schema, path, ['type', 'enum', 'const']);
    const listed: unknown = own(schema, 'const') === undefined ? schema.enum : [schema.const];
    if (!Array.isArray(listed)) throw new SchemaError(path, "'enum' is not an array.");
    const types = schema.type === undefined ? undefined : typesOf(schema, path);
    const values: unknown[] = listed.filter((value) => types?.some((type) => hasType(value, type)) ?? true);
    if (values.length === 0) throw new SchemaError(path, "'enum' has no value of the schema's type.");
    limits.addValues(path, values);
    return valuesDraft(values, tokens);
  };

  /** `objects` is the number of objects around the schema. */
  const draftOf = (schema: unknown, path: Path, objects: number): Draft => {
    limits.enter(path, objects);
    if (schema === true && !isStrict) return draftOf(ANY_VALUE, path, objects);
    if (!isObject(schema)) throw new SchemaError(path, 'schema is not an object.');
    if (schema.$ref !== undefined) {
      refuseOthers(schema, path, ['$ref']);
      return referred(schema.$ref, path);
    }
    if (schema.anyOf !== undefined) {
      refuseOthers(schema, path, ['anyOf']);
      const branches = schema.anyOf;
      if (!Array.isArray(branches) || branches.length === 0)
        throw new SchemaError(path, "'anyOf' is not an array of schemas.");
      return oneOf(branches.map((branch, at) => draftOf(branch, [...path, 'anyOf', String(at)], objects)));
    }
    if (schema.enum !== undefined || own(schema, 'const') !== undefined) return valuesOf(schema, path);
    const types = typesOf(schema, path);
    refuseOthers(schema, path, ['type', ...types.flatMap((type) => KEYWORDS.get(type) ?? [])]);
    return oneOf(types.map((type) => typeDraft(type, schema, path, objects)));
  };

  const parts = partsOf(referred('#', []));
  settle([...rules.values()].map(({ rule }) => rule));
  for (const { rule, path } of rules.values()) {
    if (startsWithItself(rule)) throw new SchemaError(path, "'$ref' refers to itself.");
    if (rule.least === Number.POSITIVE_INFINITY)
      throw new SchemaError(path, 'the schema has no finite value, since it requires itself.');
  }
  return { parts, least: makeLeast(), vocabulary };
};

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

/** @throws {SchemaError} when an object of a strict schema has optional or further properties. */
const refuseLoose = (
  schema: JsonObject,
  path: Path,
  properties: JsonObject,
  required: readonly string[],
): void => {
  if (schema.additionalProperties !== false)
    throw new SchemaError(path, "'additionalProperties' is required to be supplied and to be false.");
  const given = new Set(required);
  const missing = Object.keys(properties).find((name) => !given.has(name));
  if (missing !== undefined)
    throw new SchemaError(
      path,
      `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`,
    );
};

const CACHED_GRAMMARS = 100;
const cache = new WeakMap<Ngram, Map<string, SchemaGrammar>>();

/**
 * Compiles a JSON schema of an object into the texts of its values: JSON without white space, the properties in the
 * schema's order. `isStrict` demands what OpenAI demands of strict schemas: every property required, and no others.
 * The last 100 grammars of a model are kept.
 *
 * @throws {SchemaError} for an invalid schema, a keyword that is not supported, or more than OpenAI's limits allow.
 */
export const compileSchema = (model: Ngram, schema: unknown, isStrict: boolean): SchemaGrammar => {
  if (!isObject(schema) || schema.type !== 'object') {
    const type = isObject(schema) ? (schema.type ?? 'None') : 'None';
    throw new SchemaError(
      [],
      `schema must be a JSON Schema of 'type: "object"', got 'type: "${String(type)}"'.`,
    );
  }
  const grammars = cache.get(model) ?? new Map<string, SchemaGrammar>();
  cache.set(model, grammars);
  const key = JSON.stringify([isStrict, schema]);
  const grammar = grammars.get(key) ?? compile(schema, model, isStrict);
  grammars.delete(key);
  grammars.set(key, grammar);
  const oldest = grammars.keys().next();
  if (grammars.size > CACHED_GRAMMARS && !oldest.done) grammars.delete(oldest.value);
  return grammar;
};
