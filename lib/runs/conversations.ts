import { within } from '../async/within.ts';
import { canonicalJson, sha256Hex } from '../json/canonical-json.ts';
import { errorFields, type Log } from '../observe/log.ts';
import type { Generation } from './generation.ts';
import type { Message, RunRequest } from './request.ts';
import type { Run } from './run.ts';

/** A run as a turn of a conversation, as the next one is linked to it. */
export type Turn = Pick<Run, 'id' | 'createdAt' | 'conversation'> & {
  /** Tells its answer from others to the same messages; see `answerMark`. */
  answer: string;
};

/**
 * Turns by key, which is a hash. A hint of how runs belong together: an entry may be missing, and a run is never read by it
 * alone.
 */
export type Conversations = {
  /** Up to `limit` turns under a key, those of the newest runs first. Consistent. */
  newest(key: string, limit: number): Promise<Turn[]>;
  put(key: string, turn: Turn): Promise<void>;
  delete(key: string, run: Pick<Turn, 'id' | 'createdAt'>): Promise<void>;
};

/** The place of a run in its conversation, as it is known when it is accepted. */
export type Place = Pick<Run, 'conversation' | 'previousRun' | 'turnKey'>;

/** Turns with the same messages among which the one with the same answer is looked for. */
const ALIKE = 10;
/** A run is not held up for a hint. */
const LOOK_UP_MS = 250;

type Asked = Pick<RunRequest, 'prompt' | 'messages' | 'settings' | 'samples' | 'store' | 'conversation'>;

/**
 * The place of a new run, for which at most one entry is read: the last turn of the conversation that the request names,
 * or else the turn that its messages continue. That has the messages before the last answer in them; if several have, the
 * one that gave this answer, or the newest. Only a run of one output that is stored and given by messages has a place;
 * any other keeps the name alone. Never throws: what cannot be read in a moment is taken for nothing.
 */
export const findPlace = async (
  caller: string,
  request: Asked,
  { conversations, log }: { conversations: Pick<Conversations, 'newest'>; log: Log },
): Promise<Place> => {
  const { conversation, messages } = request;
  const turnKey = turnKeyOf(caller, request);
  const alone: Place = { conversation, previousRun: null, turnKey };
  const sought = turnKey === null ? undefined : continued(caller, request, turnKey);
  if (!sought) return alone;
  try {
    const turns = (await within(LOOK_UP_MS, conversations.newest(sought.key, sought.limit))) ?? [];
    const mark = sought.answer && answerMark(sought.answer);
    const previous = turns.find(({ answer }) => answer === mark) ?? turns[0];
    if (!previous) return alone;
    return {
      conversation: conversation ?? previous.conversation ?? previous.id,
      previousRun: previous.id,
      turnKey,
    };
  } catch (error) {
    log.warn('conversation.unread', { messages: messages.length, ...errorFields(error) });
    return alone;
  }
};

const continued = (
  caller: string,
  { conversation, messages }: Asked,
  turnKey: string,
): { key: string; limit: number; answer?: Message } | undefined => {
  if (conversation !== null) return { key: turnKey, limit: 1 };
  const at = messages.findLastIndex(({ role }) => role === 'assistant');
  const answer = messages[at];
  return answer && { key: messagesKey(caller, messages.slice(0, at)), limit: ALIKE, answer };
};

/** Enters a run that has its answer, so that the next turn finds it. Never throws. */
export const enterTurn = async (
  run: Run,
  [generation]: readonly Pick<Generation, 'status' | 'text' | 'tool_calls'>[],
  { conversations, log }: { conversations: Pick<Conversations, 'put'>; log: Log },
): Promise<void> => {
  if (run.turnKey === null || generation?.status !== 'completed') return;
  const { id, createdAt, conversation } = run;
  const { text, tool_calls = [] } = generation;
  try {
    const answer = answerMark({ content: text ?? '', tool_calls });
    await conversations.put(run.turnKey, { id, createdAt, conversation, answer });
  } catch (error) {
    log.warn('conversation.unwritten', { run_id: id, ...errorFields(error) });
  }
};

/** The key under which a run's next turn finds it; null for a run that is no turn of a conversation. */
const turnKeyOf = (
  caller: string,
  { prompt, messages, settings, samples, store, conversation }: Asked,
): string | null => {
  if (prompt !== null || settings.length * samples !== 1 || !store) return null;
  return conversation === null ? messagesKey(caller, messages) : keyOf('conversation', caller, conversation);
};

const messagesKey = (caller: string, messages: Message[]): string =>
  keyOf('messages', caller, canonicalJson(messages));

const keyOf = (...parts: string[]): string => sha256Hex(JSON.stringify(parts)).slice(0, 40);

/** A short hash of an answer: of its text, at whose ends clients take white space away, and the ids of its calls. */
const answerMark = ({ content, tool_calls = [] }: Pick<Message, 'content' | 'tool_calls'>): string =>
  sha256Hex(JSON.stringify([content.trim(), tool_calls.map(({ id }) => id)])).slice(0, 16);
