import * as z from 'zod';
import { type InputIssue, InvalidInputError, issuesOf } from '../../errors.ts';
import { isObject } from '../../json/value.ts';
import { runRequestSchema } from '../../runs/request-schema.ts';
import { type FileFault, parseJson, refuseFile, shortIssues } from './faults.ts';
import type { FileDefaults } from './source-record.ts';

const flag = z.boolean('must be true or false').nullish();
const COST = 'must be an amount in USD above 0';

/** Run fields as a line has them, and what concerns the file as a whole. */
const defaultsSchema = runRequestSchema.extend({
  max_cost_usd: z.number(COST).positive(COST).nullish(),
  rerun: flag,
  dry_run: flag,
  mode: z.literal('batch', 'must be "batch", or left out').nullish(),
});

/**
 * What stands for all records of a file. `where` names the place in messages. Throws `InvalidInputError` with `code`,
 * naming unknown and wrong fields (twenty at most).
 */
export const parseFileDefaults = (
  value: unknown,
  where = 'defaults',
  code: FileFault = 'bad_defaults',
): FileDefaults => {
  if (!isObject(value)) {
    throw new InvalidInputError([{ path: where, message: 'must be an object of run fields' }], { code });
  }
  const issues = issuesIn(value).map(({ path, message }) => ({
    path: path ? `${where}.${path}` : where,
    message,
  }));
  if (issues.length > 0) throw new InvalidInputError(shortIssues(issues), { code });
  const given = Object.entries(value).filter(([, field]) => field !== null);
  const ofFile = (field: string) => ['max_cost_usd', 'rerun', 'dry_run', 'mode'].includes(field);
  return {
    ...Object.fromEntries(given.filter(([field]) => ofFile(field))),
    request: Object.fromEntries(given.filter(([field]) => !ofFile(field))),
  };
};

const issuesIn = (value: Record<string, unknown>): InputIssue[] => {
  const { success, error } = defaultsSchema.safeParse(value);
  const issues = success ? [] : issuesOf(error);
  if (Object.hasOwn(value, '__proto__'))
    issues.push({ path: '__proto__', message: 'is not allowed as a key' });
  if (isGiven(value.stream))
    issues.push({ path: 'stream', message: 'a line of a file cannot be streamed; leave it out' });
  if (isGiven(value.prompt) && isGiven(value.messages))
    issues.push({ path: 'prompt', message: 'give either prompt or messages' });
  if (isGiven(value.mode) && isGiven(value.max_cost_usd))
    issues.push({
      path: 'max_cost_usd',
      message: 'cannot be kept with mode "batch"; see what a dry_run says',
    });
  return issues;
};

/** The defaults in a `{key}.defaults.json`: the fields themselves, or under `defaults`. Throws `bad_defaults`. */
export const parseSidecar = (bytes: Uint8Array): FileDefaults => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuseFile('bad_defaults', 'the .defaults.json is not UTF-8; save it as UTF-8');
  }
  const { value, fault } = parseJson(text);
  if (fault) refuseFile('bad_defaults', `the .defaults.json ${fault}`);
  const isWrapped = isObject(value) && Object.keys(value).join() === 'defaults';
  return parseFileDefaults(isWrapped ? value.defaults : value);
};

/** Two levels of defaults, field by field: where both name one, `own` stands. */
export const mergeDefaults = (base: FileDefaults | null, own: FileDefaults | null): FileDefaults | null =>
  base && own ? { ...base, ...own, request: overlay(base.request, own.request) } : (own ?? base);

/**
 * Run fields over run fields. A field that is null stays null: so a record can do without a default. `prompt` and
 * `messages` stand for each other: who gives the one does not inherit the other.
 */
export const overlay = (
  base: Record<string, unknown>,
  own: Record<string, unknown>,
): Record<string, unknown> => {
  const { prompt, messages, ...rest } = base;
  if (asks(own)) return { ...rest, ...own };
  return {
    ...rest,
    ...own,
    ...(isGiven(prompt) ? { prompt } : {}),
    ...(isGiven(messages) ? { messages } : {}),
  };
};

export const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Says itself what the model is asked. */
export const asks = (request: Record<string, unknown>): boolean =>
  isGiven(request.prompt) || isGiven(request.messages);
