import { randomUUID } from 'node:crypto';
import { type BegunCall, makeToolCall, type ToolCall } from '../../runs/tool-call.ts';

/** A part of a call of a tool in an event: `index` as the server numbers calls; '' for an id or a name that it leaves out. */
export type CallPart = {
  index: number | undefined;
  id: string;
  type: ToolCall['type'];
  name: string;
  text: string;
};

type Gathered = Omit<CallPart, 'text'> & { texts: string[]; isTold: boolean };

/**
 * Puts the calls of an output together from their parts. Servers number them, repeat their ids, or send each whole; a
 * call without an id gets one. `onCall` is told of each once its name or its first text has come, and again if the name
 * comes after that.
 */
export const makeCalls = (onCall?: (begun: BegunCall) => void) => {
  const calls: Gathered[] = [];

  /** The place of the call that a part belongs to; undefined: it begins another. */
  const placeOf = ({ index, id, name }: CallPart): number | undefined => {
    const last = calls.length - 1;
    const found =
      index !== undefined
        ? calls.findLastIndex((call) => call.index === index)
        : id !== ''
          ? calls.findLastIndex((call) => call.id === id)
          : last;
    const call = calls[found];
    if (!call) return undefined;
    // Some servers give all calls the same number, or none: then a new id, or a second name, begins the next.
    const isNext =
      id !== '' ? call.id !== id && name !== '' : index === undefined && name !== '' && call.name !== '';
    return isNext ? undefined : found;
  };

  return {
    get count() {
      return calls.length;
    },
    /** Takes a part; returns the place of its call. */
    take(part: CallPart): number {
      const place = placeOf(part) ?? calls.length;
      calls[place] ??= {
        index: part.index,
        id: part.id || `call_${randomUUID().replaceAll('-', '')}`,
        type: part.type,
        name: '',
        texts: [],
        isTold: false,
      };
      const call = calls[place];
      const isNamed = call.name === '' && part.name !== '';
      if (isNamed) call.name = part.name;
      if (isNamed || (!call.isTold && part.text !== '')) {
        call.isTold = true;
        onCall?.({ call: place, id: call.id, type: call.type, name: call.name });
      }
      return place;
    },
    /** Adds text to the call at a place. */
    add: (place: number, text: string): void => void calls[place]?.texts.push(text),
    /**
     * Turns a call of a message that repeats the whole output, where it stands at `at`, into the part that has not come
     * yet. Servers number calls otherwise there, leave the numbers out, or give other ids.
     */
    removeRepeated(part: CallPart, at: number): void {
      const sameNamed = [calls[at]].find((call) => call && [call.name, ''].includes(part.name));
      const known = calls.find(({ id }) => id === part.id) ?? sameNamed;
      if (!known) return;
      const before = known.texts.join('');
      part.index = undefined;
      part.id = known.id;
      part.text = part.text.startsWith(before) ? part.text.slice(before.length) : '';
    },
    /** The calls as they stand. */
    list: (): ToolCall[] =>
      calls.map(({ id, type, name, texts }) => makeToolCall({ id, type, name, text: texts.join('') })),
  };
};
