import { isObject } from '../../json/value.ts';

type Fields = Record<string, unknown>;

const TEXTS = ['content', 'reasoning_content', 'reasoning', 'arguments', 'text', 'delta'] as const;
const COUNTS = ['sequence_number', 'completion_tokens', 'total_tokens'] as const;

type Text = (typeof TEXTS)[number];
type Count = (typeof COUNTS)[number];

/** A field of an event that is filled anew. */
type Place<Name extends Text | Count> = { owner: Partial<Record<Name, unknown>>; name: Name };

/**
 * An event's JSON, cut at the places that change from event to event: a text, and counts ahead of it and behind it. The
 * words of a count ahead stand before it, those of a count behind it after it.
 */
type Form = {
  event: Fields;
  ahead: { words: string; count: Place<Count> }[];
  /** Up to the quote that opens the text, and from the quote that closes it. */
  opening: string;
  text: Place<Text>;
  closing: string;
  /** From the last to the first. */
  behind: { words: string; count: Place<Count> }[];
};

/** Forms that are tried in a row without an event that has one of them; then the stream is one without. */
const MAX_TRIED = 16;
/** A longer slice would keep the whole text of its event in memory. V8 copies shorter ones. */
const MAX_SLICED = 12;

const QUOTE = 34;
const BACKSLASH = 92;
const ZERO = 48;

/**
 * Makes a parser of one stream's events. It returns what `JSON.parse` would, and throws as that does. An object that it
 * returns is valid until the next call, which may fill it anew.
 *
 * Nearly all events of a stream are alike but for a text and some counts. So an event whose bytes are those of the last one
 * everywhere else is not parsed: its text and counts are put into an object that was parsed before.
 */
export const makeEventJson = (): ((data: string) => unknown) => {
  let form: Form | undefined;
  let left = MAX_TRIED;
  return (data) => {
    if (form !== undefined && fill(form, data)) {
      left = MAX_TRIED;
      return form.event;
    }
    const event: unknown = JSON.parse(data);
    if (left === 0 || !isObject(event)) return event;
    const found = textIn(event);
    if (found === undefined) return event;
    left -= 1;
    form = formOf(data, found) ?? form;
    return event;
  };
};

/** Objects of an event that may have its text. */
const ownersOf = (event: Fields): unknown[] => {
  const choice: unknown = Array.isArray(event.choices) ? event.choices[0] : undefined;
  const delta = isObject(choice) ? choice.delta : undefined;
  const call: unknown = isObject(delta) && Array.isArray(delta.tool_calls) ? delta.tool_calls[0] : undefined;
  return [delta, isObject(call) ? call.function : undefined, choice, event];
};

type Found = { owner: number; name: Text };

const textIn = (event: Fields): Found | undefined => {
  for (const [owner, fields] of ownersOf(event).entries()) {
    if (!isObject(fields)) continue;
    const name = TEXTS.find((one) => typeof fields[one] === 'string' && fields[one] !== '');
    if (name !== undefined) return { owner, name };
  }
  return undefined;
};

/** Where the value of a field begins; undefined unless the name is that of one field alone. */
const valueAt = (data: string, name: string): number | undefined => {
  const key = `"${name}":`;
  const at = data.indexOf(key);
  if (at < 0 || data.lastIndexOf(key) !== at) return undefined;
  let value = at + key.length;
  while (data[value] === ' ') value += 1;
  return value;
};

const endOfText = (data: string, from: number): number => {
  let at = from;
  while (at < data.length && data.charCodeAt(at) !== QUOTE) at += data.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
};

const isDigit = (code: number): boolean => code >= ZERO && code < ZERO + 10;

const endOfDigits = (data: string, from: number): number => {
  let at = from;
  while (isDigit(data.charCodeAt(at))) at += 1;
  return at;
};

const MARK = 'the place of the text';
const FIRST_COUNT = 900_000_001;

/**
 * Cuts an event at its text and counts. The cut event is parsed with marks in these places: only if they turn up in the same
 * fields do its bytes mean what they seem to, whatever the server writes.
 */
const formOf = (data: string, { owner, name }: Found): Form | undefined => {
  const quote = valueAt(data, name);
  if (quote === undefined || data.charCodeAt(quote) !== QUOTE) return undefined;
  const textFrom = quote + 1;
  const textTo = endOfText(data, textFrom);
  const cuts = COUNTS.flatMap((count) => {
    const from = valueAt(data, count);
    const to = from === undefined ? 0 : endOfDigits(data, from);
    return from !== undefined && to > from ? { count, from, to } : [];
  }).sort((a, b) => a.from - b.from);

  let marked = '';
  let end = 0;
  const places = [
    ...cuts.map((cut, at) => ({ ...cut, mark: String(FIRST_COUNT + at) })),
    { from: textFrom, to: textTo, mark: MARK },
  ];
  for (const { from, to, mark } of places.toSorted((a, b) => a.from - b.from)) {
    if (from < end) return undefined;
    marked += data.slice(end, from) + mark;
    end = to;
  }
  const parsed = parsedOrNone(marked + data.slice(end));
  const texts = parsed && ownersOf(parsed)[owner];
  if (!parsed || !isObject(texts) || texts[name] !== MARK) return undefined;

  const form: Form = {
    event: parsed,
    ahead: [],
    opening: '',
    text: { owner: texts, name },
    closing: '',
    behind: [],
  };
  let from = 0;
  for (const [at, cut] of cuts.entries()) {
    const fields = [parsed, parsed.usage].find((one) => isObject(one) && one[cut.count] === FIRST_COUNT + at);
    if (!isObject(fields)) return undefined;
    const count = { owner: fields, name: cut.count };
    if (cut.to <= textFrom) {
      form.ahead.push({ words: data.slice(from, cut.from), count });
      from = cut.to;
    } else {
      const next = cuts[at + 1]?.from ?? data.length;
      form.behind.unshift({ words: data.slice(cut.to, next), count });
    }
  }
  const firstBehind = cuts.find((cut) => cut.from >= textTo)?.from ?? data.length;
  form.opening = data.slice(from, textFrom);
  form.closing = data.slice(textTo, firstBehind);
  return form;
};

const parsedOrNone = (json: string): Fields | undefined => {
  try {
    const parsed: unknown = JSON.parse(json);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

/** Fills the form's event with the text and the counts of another event; false if that has another form. */
const fill = ({ ahead, opening, text, closing, behind }: Form, data: string): boolean => {
  let from = 0;
  for (const { words, count } of ahead) {
    if (!isAt(data, from, words)) return false;
    from += words.length;
    const end = endOfDigits(data, from);
    if (!setCount(count, data, from, end)) return false;
    from = end;
  }
  let to = data.length;
  for (const { words, count } of behind) {
    to -= words.length;
    if (!isAt(data, to, words)) return false;
    let begin = to;
    while (isDigit(data.charCodeAt(begin - 1))) begin -= 1;
    if (!setCount(count, data, begin, to)) return false;
    to = begin;
  }
  to -= closing.length;
  if (!isAt(data, from, opening) || !isAt(data, to, closing)) return false;
  from += opening.length;
  const value = from <= to ? textBetween(data, from, to) : undefined;
  if (value === undefined) return false;
  text.owner[text.name] = value;
  return true;
};

/** By a slice: V8 compares two strings in half the time that `startsWith` takes. */
const isAt = (data: string, from: number, words: string): boolean =>
  from >= 0 && data.slice(from, from + words.length) === words;

/** JSON has no number with leading zeros; more than 15 digits may be no exact count. */
const setCount = ({ owner, name }: Place<Count>, data: string, from: number, to: number): boolean => {
  const digits = to - from;
  if (digits === 0 || digits > 15 || (digits > 1 && data.charCodeAt(from) === ZERO)) return false;
  let count = 0;
  for (let at = from; at < to; at += 1) count = 10 * count + data.charCodeAt(at) - ZERO;
  owner[name] = count;
  return true;
};

/** The text of a JSON string between its quotes; undefined if there is no one string between them. */
const textBetween = (data: string, from: number, to: number): string | undefined => {
  if (to - from <= MAX_SLICED && isPlain(data, from, to)) return data.slice(from, to);
  try {
    return JSON.parse(data.slice(from - 1, to + 1));
  } catch {
    return undefined;
  }
};

const isPlain = (data: string, from: number, to: number): boolean => {
  for (let at = from; at < to; at += 1) {
    const code = data.charCodeAt(at);
    if (code < 32 || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
};
