import type { BatchAnswer, ReadAnswer } from '../../files/batch/ports.ts';
import { errorOf, isModelMissing, modelNotFound, type Refused } from './errors.ts';
import { type StreamEvent, stringOf, usageOf } from './stream-event.ts';

type Completion = {
  id?: unknown;
  created?: unknown;
  model?: unknown;
  choices?: { message?: { content?: unknown } | null; finish_reason?: unknown }[];
  usage?: StreamEvent['usage'];
  error?: Record<string, unknown> | null;
};

type ResultLine = {
  response?: { status_code?: number; body?: Completion | null } | null;
  error?: { code?: unknown; message?: unknown } | null;
};

/**
 * Parses a line of a batch's output or error file. An answer without a finish reason becomes the error
 * `incomplete_output`.
 */
export const readBatchAnswer: ReadAnswer = (line, { model, messages }): BatchAnswer => {
  const { response, error }: ResultLine = JSON.parse(line);
  const secrets = messages.map(({ content }) => content);
  const status = response?.status_code;
  const body = response?.body;
  if (status === 200 && body && !body.error) return answerOf(body, model);
  // An expired batch gives each unanswered line this error and no response:
  // https://platform.openai.com/docs/guides/batch#batch-expiration
  if (stringOf(error?.code) === 'batch_expired')
    return failure('batch_expired', 'the batch expired before this line was answered');
  const refusal = body?.error ?? error ?? {};
  const refused: Refused = {
    status,
    code: stringOf(refusal.code) || null,
    type: 'type' in refusal ? stringOf(refusal.type) : null,
    param: 'param' in refusal ? stringOf(refusal.param) : null,
    message: refusal.message,
  };
  const translated = isModelMissing(refused)
    ? modelNotFound(model, [], status)
    : errorOf(refused, { secrets, fields: [] });
  return failure(translated.code, translated.message);
};

const answerOf = (
  { id, created, model, choices, usage }: Completion,
  requestedModel: string,
): BatchAnswer => {
  const finishReason = stringOf(choices?.[0]?.finish_reason);
  if (finishReason === '')
    return failure('incomplete_output', 'the answer of the model server has no finish reason');
  return {
    completionId: stringOf(id) || null,
    createdAt: typeof created === 'number' ? created * 1000 : null,
    model: stringOf(model) || requestedModel,
    text: stringOf(choices?.[0]?.message?.content),
    finishReason,
    usage: usageOf(usage, true),
  };
};

const failure = (code: string, message: string): BatchAnswer => ({ error: { code, message } });
