import type * as z from 'zod';
import { InvalidInputError, issuesOf } from '../errors.ts';
import { isObject } from '../json/value.ts';
import { isRunId } from './keys.ts';

/**
 * Parses a queue message's body with a schema.
 *
 * @throws {InvalidInputError} with `code`, not retryable, listing every problem.
 */
export const parseMessage = <T>(body: string, schema: z.ZodType<T>, code: string): T => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new InvalidInputError([{ path: '', message: 'the message is not JSON' }], { code });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidInputError(issuesOf(parsed.error), { code });
  return parsed.data;
};

const FILE_ID = /^(file|cmp)_[0-9a-z]{10,60}$/;
const EXPORT_ID = /^export_[0-9a-z]{10,60}$/;
const TRACE_ID = /^[0-9a-f]{32}$/;

/** The log ids in a message's body. Values that do not look like ids of ours are left out; `{}` when it is not JSON. */
export const aboutMessage = (body: string): Record<string, unknown> => {
  const { run_id, file_id, export_id, trace_id } = idsIn(body);
  return {
    run_id: typeof run_id === 'string' && isRunId(run_id) ? run_id : undefined,
    file_id: typeof file_id === 'string' && FILE_ID.test(file_id) ? file_id : undefined,
    export_id: typeof export_id === 'string' && EXPORT_ID.test(export_id) ? export_id : undefined,
    trace_id: typeof trace_id === 'string' && TRACE_ID.test(trace_id) ? trace_id : undefined,
  };
};

const idsIn = (body: string): Record<string, unknown> => {
  try {
    const message: unknown = JSON.parse(body);
    return isObject(message) ? (isObject(message.detail) ? message.detail : message) : {};
  } catch {
    return {};
  }
};
