import { randomUUID } from 'node:crypto';
import { isObject } from '../../json/value.ts';
import type { PlacedReasoning, ReasoningProgress } from '../../runs/reasoning.ts';
import { stringOf } from './stream-event.ts';

/** `told`: how many characters of each part the listener has. */
type Entry = { id: string; at: number; parts: string[]; told: number[]; encrypted: string; isEnded: boolean };

/** Far more than any answer has. */
const MAX_ITEMS = 1_000;
const MAX_PARTS = 1_000;
const MAX_CHARS = 8 * 1024 * 1024;

const HIGH_HALF = /[\uD800-\uDBFF]$/;

/**
 * Gathers the reasoning items of an answer by the Responses API, keyed by any object, with their summaries and their
 * encrypted reasoning. Tells `onReasoning` of each as it begins, gains text and ends. Totals add what deltas lacked.
 */
export const makeReasoningItems = (onReasoning?: (progress: ReasoningProgress) => void) => {
  const entries = new Map<object, Entry>();
  let chars = 0;
  let parts = 0;

  const set = (entry: Entry, index: number, text: string): void => {
    for (let at = entry.parts.length; at <= index; at++) {
      entry.parts.push('');
      entry.told.push(0);
      parts++;
    }
    chars += text.length - (entry.parts[index]?.length ?? 0);
    entry.parts[index] = text;
    // Half of a character waits for the other.
    tell(entry, index, HIGH_HALF.test(text) ? text.length - 1 : text.length);
  };

  const tell = (entry: Entry, index: number, end: number): void => {
    const from = entry.told[index] ?? 0;
    if (end <= from || entry.isEnded) return;
    entry.told[index] = end;
    const text = (entry.parts[index] ?? '').slice(from, end).toWellFormed();
    onReasoning?.({ id: entry.id, at: entry.at, part: { index, text } });
  };

  const setTotal = (entry: Entry, index: number, total: string): void => {
    if (total.startsWith(entry.parts[index] ?? '')) set(entry, index, total);
  };

  const end = (entry: Entry): void => {
    if (entry.isEnded) return;
    for (const [index, text] of entry.parts.entries()) tell(entry, index, text.length);
    entry.isEnded = true;
    onReasoning?.({ id: entry.id, at: entry.at, ended: placed(entry) });
  };

  const take = (entry: Entry, { summary, encrypted_content: encrypted }: Record<string, unknown>): void => {
    if (Array.isArray(summary) && summary.length <= MAX_PARTS)
      for (const [index, part] of summary.entries()) setTotal(entry, index, textOf(part));
    if (typeof encrypted !== 'string' || encrypted === '') return;
    chars += encrypted.length - entry.encrypted.length;
    entry.encrypted = encrypted.toWellFormed();
  };

  const entryOf = (key: object): Entry | undefined => entries.get(key);

  return {
    /** Begins an item at a place of the answer. */
    begin(key: object, id: string, at: number): void {
      const own = id === '' ? `rs_${randomUUID().replaceAll('-', '')}` : id;
      entries.set(key, { id: own, at, parts: [], told: [], encrypted: '', isEnded: false });
      onReasoning?.({ id: own, at });
    },
    /** Takes an event of a part of a summary: a delta, or its total. */
    progress(key: object, event: Record<string, unknown>): void {
      const entry = entryOf(key);
      if (entry === undefined) return;
      const { summary_index: given, delta, text, part } = event;
      const index =
        typeof given === 'number' && Number.isInteger(given) && given >= 0 && given < MAX_PARTS
          ? given
          : Math.max(0, entry.parts.length - 1);
      const added = textOf(delta);
      if (added !== '') set(entry, index, (entry.parts[index] ?? '') + added);
      else setTotal(entry, index, textOf(text ?? part));
    },
    /** Takes what an item has as it stands. */
    take(key: object, item: Record<string, unknown>): void {
      const entry = entryOf(key);
      if (entry) take(entry, item);
    },
    /** Ends an item as it stands. */
    end(key: object): void {
      const entry = entryOf(key);
      if (entry) end(entry);
    },
    endAll: (): void => entries.forEach(end),
    list: (): PlacedReasoning[] => [...entries.values()].map(placed),
    /** The texts that the message of an error must not repeat. */
    texts: (): string[] => [...entries.values()].flatMap((entry) => [...entry.parts, entry.encrypted]),
    get isTooLong(): boolean {
      return chars > MAX_CHARS || parts > MAX_PARTS || entries.size > MAX_ITEMS;
    },
  };
};

const placed = ({ id, at, parts, encrypted }: Entry): PlacedReasoning => ({
  id,
  summary: parts.map((text) => text.toWellFormed()),
  ...(encrypted !== '' && { encrypted_content: encrypted }),
  at,
});

/** A text, or that of a part. */
const textOf = (value: unknown): string => stringOf(isObject(value) ? value.text : value);
