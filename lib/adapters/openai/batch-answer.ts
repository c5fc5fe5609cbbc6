import type { BatchAnswer, ReadAnswer } from '../../files/batch/ports.ts';
import { isObject } from '../../json/value.ts';
import { ownTextsOf } from '../../runs/request.ts';
import type { ToolCall } from '../../runs/tool-call.ts';
import { type CallPart, makeCalls } from './calls.ts';
import { errorOf, modelNotFound } from './errors.ts';
import { payloadsOf } from './payloads.ts';
import { errorIn, readRefused } from './refused.ts';
import { choicesOf, nameOf, stringOf, type UsageObject, usageOf } from './stream-event.ts';

type Completion = {
  id?: unknown;
  created?: unknown;
  model?: unknown;
  choices?: unknown;
  usage?: unknown;
};

type ResultLine = {
  response?: { status_code?: number; body?: unknown } | null;
  error?: { code?: unknown; message?: unknown } | null;
};

/** The last instant that a `Date` can hold, in ms. */
const LAST_MS = 8.64e15;

/**
 * Parses a line of a batch's output or error file. An answer without a finish reason becomes the error
 * `incomplete_output`, one whose text has an unknown shape `unreadable_output`.
 */
export const readBatchAnswer: ReadAnswer = (line, { model, messages }): BatchAnswer => {
  const { response, error }: ResultLine = JSON.parse(line);
  const secrets = messages.flatMap(ownTextsOf);
  const status = response?.status_code;
  const body = response?.body;
  if (status === 200 && isObject(body) && errorIn(body) === undefined) return answerOf(body, model);
  // An expired batch gives each unanswered line this error and no response:
  // https://platform.openai.com/docs/guides/batch#batch-expiration
  if (stringOf(error?.code) === 'batch_expired')
    return failure('batch_expired', 'the batch expired before this line was answered');
  const refused = readRefused(body ?? error, { status: status === 200 ? undefined : status });
  const translated = refused.isModelMissing
    ? modelNotFound(model, [], status)
    : errorOf(refused, { secrets, fields: [] });
  return failure(translated.code, translated.message);
};

const answerOf = (
  { id, created, model, choices, usage }: Completion,
  requestedModel: string,
): BatchAnswer => {
  const [choice] = choicesOf(choices);
  const finishReason = nameOf(choice?.finish_reason);
  if (choice === undefined || finishReason === '')
    return failure('incomplete_output', 'the answer of the model server has no finish reason');
  const { content, calls, hasUnread } = payloadsOf(choice);
  if (content === '' && calls.length === 0 && hasUnread)
    return failure('unreadable_output', 'the answer of the model server has a text of unknown shape');
  const counts: UsageObject | undefined = isObject(usage) ? usage : undefined;
  return {
    completionId: nameOf(id) || null,
    createdAt: typeof created === 'number' && created * 1000 <= LAST_MS ? created * 1000 : null,
    model: nameOf(model) || requestedModel,
    text: content.toWellFormed(),
    toolCalls: toolCallsOf(calls),
    finishReason,
    usage: usageOf(counts, counts),
  };
};

/** The calls of a whole message. */
const toolCallsOf = (parts: readonly CallPart[]): ToolCall[] => {
  const calls = makeCalls();
  for (const [index, part] of parts.entries())
    calls.add(calls.take({ ...part, index }), part.text.toWellFormed());
  return calls.list();
};

const failure = (code: string, message: string): BatchAnswer => ({ error: { code, message } });
