import { inBatches } from '../../async/in-batches.ts';
import { InvalidInputError, NotFoundError } from '../../errors.ts';
import type { WholeRun } from '../../runs/read-run.ts';
import { type Message, requireObject } from '../../runs/request.ts';
import type { StoredRequestBody } from '../../runs/request-schema.ts';
import { isAnswered } from '../../runs/run.ts';
import { ENCRYPTED_REASONING } from '../../sampling/responses-fields.ts';
import { textOfKind } from '../chat-completion.ts';
import { readInput } from './input-items.ts';
import { responseIdOf } from './item-ids.ts';
import { type Earlier, type Named, previousNotFound } from './request.ts';
import { wholeResponse } from './whole-response.ts';

/**
 * Reads what a request takes from the caller's earlier responses. `read` throws `NotFoundError` for a run that the caller
 * does not have. One that is no response, or whose texts were not stored, counts as missing, too. `repeat` has the
 * request's body and the run of its Idempotency-Key: if the previous response was deleted after that run was made, the
 * run's own stored request has the conversation, so that the repeated request is recognised.
 *
 * @throws {InvalidInputError} for references to items of too many responses; `previous_response_not_found`;
 *   `run_in_progress` (409) for one that has not ended.
 */
export const readEarlier = async (
  { previous, referenced }: Named,
  read: (runId: string) => Promise<WholeRun>,
  repeat?: { body: unknown; runId: string } | undefined,
): Promise<Earlier> => {
  if (referenced.length > MAX_REFERENCED)
    throw new InvalidInputError([
      {
        path: 'input',
        message: `refers to items of ${referenced.length} responses; refer to those of at most ${MAX_REFERENCED}, and send the other items themselves`,
      },
    ]);
  const whole = previous === undefined ? undefined : await responseOrNothing(read(previous));
  const found = await inBatches(referenced, READ_AT_ONCE, async (id) => {
    const response = id === previous ? whole : await responseOrNothing(read(id));
    return response ? outputItems(response) : [];
  });
  const items = new Map(found.flat().map((item) => [item.id, item]));
  if (previous === undefined) return { messages: [], items };
  const repeated = whole || !repeat ? undefined : await responseOrNothing(read(repeat.runId));
  const messages = repeated?.request && messagesBefore(repeat?.body, items, repeated.request);
  return { messages: messages ?? messagesAfter(previous, whole), items };
};

/**
 * The conversation that a stored request went on from: its messages before those of its own input. Undefined for one that
 * went on from another response than the body does.
 */
const messagesBefore = (
  body: unknown,
  items: ReadonlyMap<string, object>,
  { messages = [], response }: StoredRequestBody,
): Message[] | undefined => {
  const { input, previous_response_id: previous } = requireObject(body);
  if (response?.previous_response_id !== previous) return undefined;
  const own = readInput(input ?? undefined, items).messages.length;
  return messages.slice(response?.has_instructions ? 1 : 0, messages.length - own) as Message[];
};

/** A client that refers to all items of a conversation names a response for each of its turns. */
const MAX_REFERENCED = 200;
/** Each is read with its trace, so all of them at once might not fit into memory. */
const READ_AT_ONCE = 8;

const responseOrNothing = async (read: Promise<WholeRun>): Promise<WholeRun | undefined> => {
  try {
    const whole = await read;
    return whole.request?.response && whole;
  } catch (error) {
    if (error instanceof NotFoundError && !error.retryable) return undefined;
    throw error;
  }
};

const outputItems = ({ run, request = {}, traces: [chunks] }: WholeRun) =>
  wholeResponse(run, request, { chunks, include: [ENCRYPTED_REASONING] }).output;

const messagesAfter = (id: string, whole: WholeRun | undefined): Message[] => {
  if (!whole?.request) throw previousNotFound(responseIdOf(id));
  const { run, request, traces } = whole;
  const refuse = (message: string, code?: string) => {
    throw new InvalidInputError(
      [{ path: 'previous_response_id', message }],
      code === undefined ? {} : { code },
    );
  };
  if (!isAnswered(run))
    refuse(`response ${responseIdOf(id)} has not ended yet; wait until it has`, 'run_in_progress');
  const [generation] = run.generations;
  if (generation?.status !== 'completed')
    return refuse(`response ${responseIdOf(id)} ended without an output; go on from the one before it`);
  const { messages = [], response } = request;
  const { text, tool_calls, reasoning } = generation;
  const content = text || textOfKind(traces[0] ?? [], 'refusal');
  const answer: Message = {
    role: 'assistant',
    content,
    ...(tool_calls && { tool_calls }),
    ...(reasoning && { reasoning: reasoning.map(({ at: _at, ...item }) => item) }),
  };
  const isEmpty = content === '' && !tool_calls && !reasoning;
  const asked = response?.has_instructions ? messages.slice(1) : messages;
  return [...asked, ...(isEmpty ? [] : [answer])] as Message[];
};
