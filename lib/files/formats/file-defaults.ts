import * as z from 'zod';
import { type InputIssue, InvalidInputError, issuesOf } from '../../errors.ts';
import { isObject } from '../../json/value.ts';
import { requireShortFields } from '../../runs/request.ts';
import { runRequestSchema } from '../../runs/request-schema.ts';
import { isGiven, overlay } from '../../runs/template.ts';
import { type FileFault, parseJson, refuseFile } from './faults.ts';
import type { FileDefaults } from './source-record.ts';

const flag = z.boolean('must be true or false').nullish();
const NOT_UTF8 = 'the .defaults.json is not UTF-8; save it as UTF-8';
const COST = 'must be an amount in USD above 0';

/** The run fields of a line, and the options of the file as a whole. */
const defaultsSchema = runRequestSchema.extend({
  max_cost_usd: z.number(COST).positive(COST).nullish(),
  rerun: flag,
  dry_run: flag,
  mode: z.literal('batch', 'must be "batch", or left out').nullish(),
});

/** Whether a field is one of defaults. Its case does not matter, as in a table's header. */
export const isDefaultsField = (name: string): boolean =>
  Object.hasOwn(defaultsSchema.shape, name.toLowerCase());

/**
 * Parses the defaults of a file, which apply to all its records. `where` names their place in messages.
 * @throws {InvalidInputError} with `code`, naming unknown and wrong fields (20 at most).
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
  if (issues.length > 0) throw new InvalidInputError(issues, { code });
  boundFields(value, where, code);
  const given = Object.entries(value).filter(([, field]) => field !== null);
  const isFileOption = (field: string) => ['max_cost_usd', 'rerun', 'dry_run', 'mode'].includes(field);
  return {
    ...Object.fromEntries(given.filter(([field]) => isFileOption(field))),
    request: Object.fromEntries(given.filter(([field]) => !isFileOption(field))),
  };
};

/** Every line repeats the defaults: fields beyond the limit of a request are refused once, with the file. */
const boundFields = (value: Record<string, unknown>, where: string, code: FileFault): void => {
  try {
    requireShortFields(value, `${where}.`);
  } catch (error) {
    throw error instanceof InvalidInputError ? new InvalidInputError(error.issues, { code }) : error;
  }
};

const issuesIn = (value: Record<string, unknown>): InputIssue[] => {
  const { success, error } = defaultsSchema.safeParse(value);
  const issues = success ? [] : issuesOf(error);
  if (Object.hasOwn(value, '__proto__'))
    issues.push({ path: '__proto__', message: 'is not allowed as a key' });
  if (isGiven(value.stream))
    issues.push({ path: 'stream', message: 'a line of a file cannot be streamed; leave it out' });
  if (value.store === false)
    issues.push({
      path: 'store',
      message: 'must not be false: the results of a file are made of its stored outputs',
    });
  if (isGiven(value.conversation))
    issues.push({
      path: 'conversation',
      message: 'is a field of POST /runs; lines of a file are no turns of a conversation',
    });
  if (isGiven(value.prompt) && isGiven(value.messages))
    issues.push({ path: 'prompt', message: 'give either prompt or messages' });
  if (isGiven(value.mode) && isGiven(value.max_cost_usd))
    issues.push({
      path: 'max_cost_usd',
      message: 'cannot be kept with mode "batch"; leave it out, and estimate the cost with dry_run',
    });
  return issues;
};

/**
 * Parses the defaults in a sidecar (`{key}.defaults.json`): an object of the fields, alone or under `defaults`.
 * @throws {InvalidInputError} `bad_defaults` when it is not UTF-8, not JSON, or has wrong fields.
 */
export const parseSidecar = (bytes: Uint8Array): FileDefaults => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuseFile('bad_defaults', NOT_UTF8);
  }
  // A store that returns text has put U+FFFD in the place of bytes that are not UTF-8.
  if (text.includes('\uFFFD')) refuseFile('bad_defaults', NOT_UTF8);
  const { value, fault } = parseJson(text);
  if (fault) refuseFile('bad_defaults', `the .defaults.json ${fault}`);
  const isWrapped = isObject(value) && Object.keys(value).join() === 'defaults';
  return parseFileDefaults(isWrapped ? value.defaults : value);
};

/** Merges two levels of defaults, field by field: where both have a field, `own` wins. */
export const mergeDefaults = (base: FileDefaults | null, own: FileDefaults | null): FileDefaults | null =>
  base && own ? { ...base, ...own, request: overlay(base.request, own.request) } : (own ?? base);
