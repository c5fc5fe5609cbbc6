import type { ComparisonRequest } from '../../client/index.ts';
import type { Query } from '../address.ts';
import { isObject, jsonIn } from '../json.ts';
import { type Draft, draftOf, requestOf } from './draft.ts';
import { type Dimension, FIELDS, rowOf } from './settings.ts';

/*
 * The address of a comparison that is being built, so that other pages can link to one and a reload keeps it:
 *
 *   #/compare?new=1                     an empty one
 *   #/compare?prompt=Explain.&settings=[{"label":"Cold","temperature":0.2}]&samples=10
 *
 *   prompt    one prompt as a text
 *   prompts   several, or messages: a JSON array as POST /comparisons takes it
 *   settings  a JSON array as POST /comparisons takes it
 *   matrix    instead of settings: a JSON object of fields with their values, {"temperature":["0.2","1"]}
 *   samples   a number
 *   request   the other fields of the request as a JSON object, such as {"max_tokens":100}
 *   max_cost  the most that it may cost by the estimate, in US dollars
 */
const NAMES = ['new', 'prompt', 'prompts', 'settings', 'matrix', 'samples', 'request', 'max_cost'] as const;

/** A longer address is not written, since some browsers and messengers cut it: such a draft lives in its tab alone. */
const LONGEST = 8_000;

export const isBuilding = (query: URLSearchParams): boolean => NAMES.some((name) => query.has(name));

/** Reads a draft from an address. A part that cannot be read is left out. */
export const readDraft = (query: URLSearchParams): Draft => {
  const prompt = query.get('prompt');
  const prompts = arrayIn(query.get('prompts'));
  const settings = arrayIn(query.get('settings'))?.filter(isObject);
  const samples = query.get('samples');
  const draft = draftOf(
    {
      ...recordIn(query.get('request')),
      ...(prompts ? { prompts } : prompt === null ? {} : { prompts: [prompt] }),
      ...(settings ? { settings } : {}),
    } as Partial<ComparisonRequest>,
    rowOf,
  );
  const dimensions = dimensionsIn(query.get('matrix'));
  return {
    ...draft,
    ...(dimensions ? { by: 'matrix' as const, dimensions } : {}),
    ...(samples === null ? {} : { samples }),
    maxCostUsd: query.get('max_cost') ?? '',
  };
};

/** The query of a draft's address; undefined where it would be too long. */
export const draftQuery = (draft: Draft, longest = LONGEST): Query | undefined => {
  const { prompts, settings, samples: _, ...others } = requestOf(draft).request;
  const [first] = prompts;
  const isOneText = prompts.length === 1 && typeof first === 'string';
  const query: Query = {
    new: 1,
    prompt: isOneText ? first : undefined,
    prompts: isOneText ? undefined : JSON.stringify(prompts),
    settings: draft.by === 'rows' ? JSON.stringify(settings) : undefined,
    matrix:
      draft.by === 'matrix'
        ? JSON.stringify(Object.fromEntries(draft.dimensions.map(({ field, values }) => [field, values])))
        : undefined,
    samples: draft.samples,
    request: Object.keys(others).length === 0 ? undefined : JSON.stringify(others),
    max_cost: draft.maxCostUsd,
  };
  const length = Object.values(query).reduce<number>((sum, value) => sum + String(value ?? '').length, 0);
  return length > longest ? undefined : query;
};

/** More than a comparison takes, so that the form can say so, and fewer than a browser draws for seconds. */
const MOST_LISTED = 100;

const arrayIn = (text: string | null): unknown[] | undefined => {
  const value = jsonIn(text);
  return Array.isArray(value) ? value.slice(0, MOST_LISTED) : undefined;
};

const recordIn = (text: string | null): { [name: string]: unknown } => {
  const value = jsonIn(text);
  return isObject(value) ? value : {};
};

/** Values may be an array, or a text as a person types it. */
const dimensionsIn = (text: string | null): Dimension[] | undefined => {
  const value = jsonIn(text);
  if (!isObject(value)) return undefined;
  const given = new Map(Object.entries(value));
  return FIELDS.flatMap(({ name }) => {
    const values = given.get(name);
    if (values === undefined) return [];
    return [{ field: name, values: Array.isArray(values) ? values.map(String).join(', ') : String(values) }];
  });
};
