import type { ResponseEvent } from '../../../openai/responses/whole-response.ts';
import { encodeEvent } from '../../event-stream.ts';
import type { Problem } from '../../problem.ts';
import { padded } from '../chat-chunks.ts';
import { openaiErrorOf } from '../openai-error.ts';

/** Encodes the events of one stream, numbered from 0; with obfuscation, those that add text are padded. */
export const makeEncodeEvent = ({ includeObfuscation }: { includeObfuscation: boolean }) => {
  let next = 0;
  return ({ type, ...rest }: ResponseEvent): Uint8Array => {
    const event = { type, sequence_number: next++, ...rest };
    return encodeEvent(type, includeObfuscation && type.endsWith('.delta') ? padded(event) : event);
  };
};

/** The event that ends a stream which cannot go on. */
export const errorEvent = (problem: Problem): ResponseEvent => {
  const { message, code, param } = openaiErrorOf(problem).error;
  return { type: 'error', code, message, param };
};
