import type { BatchAnswer, ReadAnswer } from '../../files/batch/ports.ts';
import { errorOf, modelNotFound, type Refused, saysModelIsMissing } from './errors.ts';
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

/** A line of a batch's output or error file. An answer without a finish reason is none. */
export const readBatchAnswer: ReadAnswer = (line, { model, messages }): BatchAnswer => {
  const { response, error }: ResultLine = JSON.parse(line);
  const secrets = messages.map(({ content }) => content);
  const status = response?.status_code;
  const body = response?.body;
  if (status === 200 && body && !body.error) return answerOf(body, model);
  // A line that was not sent in time has an error of its own and no response.
  if (stringOf(error?.code) === 'batch_expired')
    return failure('batch_expired', 'the batch was over its time before this line was answered');
  const said = body?.error ?? error ?? {};
  const refused: Refused = {
    status,
    code: stringOf(said.code) || null,
    type: 'type' in said ? stringOf(said.type) : null,
    param: 'param' in said ? stringOf(said.param) : null,
    message: said.message,
  };
  const told = saysModelIsMissing(refused)
    ? modelNotFound(model, [], status)
    : errorOf(refused, { secrets, fields: [] });
  return failure(told.code, told.message);
};

const answerOf = ({ id, created, model, choices, usage }: Completion, asked: string): BatchAnswer => {
  const finishReason = stringOf(choices?.[0]?.finish_reason);
  if (finishReason === '')
    return failure('incomplete_output', 'the answer of the model server has no finish reason');
  return {
    completionId: stringOf(id) || null,
    createdAt: typeof created === 'number' ? created * 1000 : null,
    model: stringOf(model) || asked,
    text: stringOf(choices?.[0]?.message?.content),
    finishReason,
    usage: usageOf(usage, true),
  };
};

const failure = (code: string, message: string): BatchAnswer => ({ error: { code, message } });
