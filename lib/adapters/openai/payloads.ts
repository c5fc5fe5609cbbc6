import { isDeeperThan, isObject, own } from '../../json/value.ts';
import type { CallPart } from './calls.ts';
import { type Choice, nameOf } from './stream-event.ts';

/** The generated text in one choice of an event, by kind; empty strings where there is none. */
export type Payloads = {
  content: string;
  reasoning: string;
  refusal: string;
  /** Parts of calls of tools, perhaps without text. */
  calls: CallPart[];
  /** Whether it has something in place of a text whose shape is unknown. */
  hasUnread: boolean;
  /** Whether it came as a message, which servers send instead of deltas or as their sum. */
  isMessage: boolean;
};

type TextKind = 'content' | 'reasoning' | 'refusal';

/** Parts are read this deep at most. */
const MAX_DEPTH = 8;
/** `JSON.stringify` overflows the stack at far deeper ones. */
const MAX_ARGUMENTS_DEPTH = 100;

/** Types of parts without generated text: references to sources, media, calls, encrypted reasoning. */
const TEXTLESS =
  /reference|citation|annotation|source|search|image|audio|video|file|document|tool|function|encrypted|redacted/;
const TEXTS = ['text', 'content', 'value', 'output_text', 'parts', 'summary'];
const REASONING = ['reasoning_content', 'reasoning', 'thinking', 'reasoning_details'];

/** Reads the delta of a choice, else its message, else its text. */
export const payloadsOf = (choice: Choice): Payloads => {
  const found: Payloads = {
    content: '',
    reasoning: '',
    refusal: '',
    calls: [],
    hasUnread: false,
    isMessage: false,
  };
  readMessage(choice.delta, found);
  if (choice.message !== undefined && isEmpty(found)) {
    readMessage(choice.message, found);
    found.isMessage = !isEmpty(found);
  }
  if (choice.text !== undefined && isEmpty(found)) readText(choice.text, 'content', found, 0);
  return found;
};

const isEmpty = ({ content, reasoning, refusal, calls }: Payloads): boolean =>
  content === '' && reasoning === '' && refusal === '' && calls.length === 0;

const readMessage = (message: unknown, found: Payloads): void => {
  if (!isObject(message)) {
    readText(message, 'content', found, 0);
    return;
  }
  readText(message.content, 'content', found, 0);
  if (found.content === '') readText(message.text, 'content', found, 0);
  // Some servers send the same text under two names.
  const reasoning =
    message.reasoning_content || message.reasoning || message.thinking || message.reasoning_details;
  readText(reasoning, 'reasoning', found, 0);
  readText(message.refusal, 'refusal', found, 0);
  const { tool_calls: calls } = message;
  if (Array.isArray(calls)) for (const call of calls) readCall(call, found);
  else if (calls) readCall(calls, found);
  if (message.function_call) readCall({ index: 0, function: message.function_call }, found);
};

const readText = (value: unknown, kind: TextKind, found: Payloads, depth: number): void => {
  if (typeof value === 'string') found[kind] += value;
  else if (typeof value === 'number') found[kind] += String(value);
  else if (value === true || depth > MAX_DEPTH) found.hasUnread = true;
  else if (Array.isArray(value)) for (const part of value) readText(part, kind, found, depth + 1);
  else if (isObject(value)) readPart(value, kind, found, depth);
};

/** A part such as `{type: "text", text}`, `{type: "thinking", thinking: […]}`, `{text, thought: true}`, `{text: {value}}`. */
const readPart = (part: Record<string, unknown>, kind: TextKind, found: Payloads, depth: number): void => {
  const type = typeof part.type === 'string' ? part.type.toLowerCase() : '';
  if (TEXTLESS.test(type)) return;
  const isThought = /think|thought|reason/.test(type) || part.thought === true;
  const ownKind = isThought ? 'reasoning' : type === 'refusal' ? 'refusal' : kind;
  let isKnown = false;
  const readFirst = (names: readonly string[], as: TextKind) => {
    const value = names.map((name) => own(part, name)).find((one) => one !== undefined && one !== null);
    if (value === undefined) return;
    isKnown = true;
    readText(value, as, found, depth + 1);
  };
  if (ownKind === 'reasoning') readFirst([...REASONING, ...TEXTS], ownKind);
  else {
    readFirst(REASONING, 'reasoning');
    readFirst(['refusal'], 'refusal');
    readFirst(TEXTS, ownKind);
  }
  if (!isKnown && Object.keys(part).some((name) => name !== 'type')) found.hasUnread = true;
};

const readCall = (call: unknown, found: Payloads): void => {
  const { index, id, type, function: called, custom }: Record<string, unknown> = isObject(call) ? call : {};
  const isCustom = type === 'custom' || (called === undefined && custom !== undefined);
  const { name, arguments: given, input }: Record<string, unknown> = [called, custom].find(isObject) ?? {};
  const part: CallPart = {
    index: typeof index === 'number' ? index : undefined,
    id: nameOf(id),
    type: isCustom ? 'custom' : 'function',
    name: nameOf(name),
    text: argumentsOf(isCustom ? (input ?? given) : given, found),
  };
  // A placeholder such as `[null]` or `{}`, or an empty delta of a call that has begun.
  if (part.id === '' && part.name === '' && part.text === '') return;
  found.calls.push(part);
};

/** Arguments are JSON in a text; some servers send the value itself. */
const argumentsOf = (given: unknown, found: Payloads): string => {
  if (typeof given === 'string') return given;
  if (given === undefined || given === null) return '';
  if (!isDeeperThan(MAX_ARGUMENTS_DEPTH, given)) return JSON.stringify(given);
  found.hasUnread = true;
  return '';
};
