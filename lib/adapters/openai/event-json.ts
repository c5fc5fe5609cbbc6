import { isObject } from '../../json/value.ts';
import { endOfString, isDigit, QUOTE, stringBetween, ZERO } from './json-text.ts';
import { makeLogprobsScanner } from './logprobs-json.ts';

type Fields = Record<string, unknown>;

const TEXTS = ['content', 'reasoning_content', 'reasoning', 'arguments', 'text', 'delta'] as const;
const COUNTS = ['sequence_number', 'completion_tokens', 'total_tokens'] as const;
/** OpenAI pads events with random characters of another length each. */
const PADDING = 'obfuscation';

type Text = (typeof TEXTS)[number];
type Name = Text | (typeof COUNTS)[number] | typeof PADDING | 'logprobs';
type Owner = Partial<Record<Name, unknown>>;

/**
 * Reads a value that begins at `from` in an event's data and puts it into its field. Returns where it ends; undefined if the
 * value is of another kind.
 */
type Read = (data: string, from: number) => number | undefined;

/** An event's JSON, cut at the values that change from event to event: each with the words before it. */
type Form = { event: Fields; parts: { words: string; read: Read }[]; rest: string };

/** Forms that are tried in a row without an event that has one of them; then the stream is one without. */
const MAX_TRIED = 16;

/**
 * Makes a parser of one stream's events. It returns what `JSON.parse` would, and throws as that does. An object that it
 * returns is valid until the next call, which may fill it anew; log probabilities in it last. The same object as in the call
 * before is the same event but for its text, counts, padding and log probabilities.
 *
 * Nearly all events of a stream are alike but for these. So an event whose bytes are those of the last one everywhere else
 * is not parsed: they are put into an object that was parsed before.
 */
export const makeEventJson = (): ((data: string) => unknown) => {
  const scanLogprobs = makeLogprobsScanner();
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
    form = formOf(data, found, scanLogprobs) ?? form;
    return event;
  };
};

/** Objects of an event that may have its text. */
const ownersOf = (event: Fields): unknown[] => {
  const choice = choiceOf(event);
  const delta = isObject(choice) ? choice.delta : undefined;
  const call: unknown = isObject(delta) && Array.isArray(delta.tool_calls) ? delta.tool_calls[0] : undefined;
  return [delta, isObject(call) ? call.function : undefined, choice, event];
};

const choiceOf = (event: Fields): unknown => (Array.isArray(event.choices) ? event.choices[0] : undefined);

type Found = { owner: number; name: Text };

const textIn = (event: Fields): Found | undefined => {
  for (const [owner, fields] of ownersOf(event).entries()) {
    if (!isObject(fields)) continue;
    const name = TEXTS.find((one) => typeof fields[one] === 'string' && fields[one] !== '');
    if (name !== undefined) return { owner, name };
  }
  return undefined;
};

/** Where the value of a field begins, with these words; undefined unless there is one such field alone. */
const valueAt = (data: string, name: string, opening = ''): number | undefined => {
  const key = `"${name}":`;
  const found: number[] = [];
  for (let at = data.indexOf(key); at >= 0; at = data.indexOf(key, at + 1)) {
    let value = at + key.length;
    while (data[value] === ' ') value += 1;
    if (data.startsWith(opening, value)) found.push(value);
  }
  return found.length === 1 ? found[0] : undefined;
};

const endOfDigits = (data: string, from: number): number => {
  let at = from;
  while (isDigit(data.charCodeAt(at))) at += 1;
  return at;
};

/** A value that changes. `mark` stands in its place; one of the objects `ownersIn` the event has it in its field. */
type Cut = {
  name: Name;
  from: number;
  to: number;
  mark: string | number;
  ownersIn: (event: Fields) => unknown[];
  reader: (owner: Owner, name: Name) => Read;
};

const MARK = 'the place of ';
const FIRST_COUNT = 900_000_001;

/**
 * Cuts an event at its changing values. The cut event is parsed with marks in these places: only if they turn up in the same
 * fields do its bytes mean what they seem to, whatever the server writes.
 */
const formOf = (data: string, { owner, name }: Found, scanLogprobs: ScanLogprobs): Form | undefined => {
  const text = textCut(data, name, (event) => [ownersOf(event)[owner]]);
  if (text === undefined) return undefined;
  const cuts = [
    text,
    textCut(data, PADDING, (event) => [event]),
    logprobsCut(data, scanLogprobs),
    ...COUNTS.map((count, at) => countCut(data, count, FIRST_COUNT + at)),
  ]
    .filter((cut) => cut !== undefined)
    .sort((a, b) => a.from - b.from);

  let marked = '';
  let end = 0;
  for (const { from, to, mark } of cuts) {
    if (from < end) return undefined;
    marked += data.slice(end, from) + JSON.stringify(mark);
    end = to;
  }
  const event = parsedOrNone(marked + data.slice(end));
  if (event === undefined) return undefined;

  const form: Form = { event, parts: [], rest: data.slice(end) };
  let from = 0;
  for (const cut of cuts) {
    const fields = cut.ownersIn(event).find((one) => isObject(one) && one[cut.name] === cut.mark);
    if (!isObject(fields)) return undefined;
    form.parts.push({ words: data.slice(from, cut.from), read: cut.reader(fields, cut.name) });
    from = cut.to;
  }
  return form;
};

const textCut = (data: string, name: Text | typeof PADDING, ownersIn: Cut['ownersIn']): Cut | undefined => {
  const from = valueAt(data, name, '"');
  if (from === undefined) return undefined;
  return { name, from, to: endOfString(data, from + 1) + 1, mark: MARK + name, ownersIn, reader: textReader };
};

const countCut = (data: string, name: (typeof COUNTS)[number], mark: number): Cut | undefined => {
  const from = valueAt(data, name);
  const to = from === undefined ? 0 : endOfDigits(data, from);
  if (from === undefined || to <= from) return undefined;
  return { name, from, to, mark, ownersIn: (event) => [event, event.usage], reader: countReader };
};

type ScanLogprobs = ReturnType<typeof makeLogprobsScanner>;

/** In chat completions a choice has them, in events of the Responses API the event itself. */
const logprobsCut = (data: string, scan: ScanLogprobs): Cut | undefined => {
  const places = (['content', 'logprobs'] as const).map((name) => ({
    name,
    from: valueAt(data, name, '[{'),
  }));
  const { name, from } = places.find((place) => place.from !== undefined) ?? {};
  const to = from === undefined ? undefined : scan(data, from)?.end;
  if (name === undefined || from === undefined || to === undefined) return undefined;
  const ownersIn = (event: Fields): unknown[] => {
    const choice = choiceOf(event);
    return [isObject(choice) ? choice.logprobs : event];
  };
  const reader = (owner: Owner): Read => {
    return (text, at) => {
      const scanned = scan(text, at);
      owner[name] = scanned?.entries;
      return scanned?.end;
    };
  };
  return { name, from, to, mark: `${MARK}log probabilities`, ownersIn, reader };
};

const parsedOrNone = (json: string): Fields | undefined => {
  try {
    const parsed: unknown = JSON.parse(json);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

/** Fills the form's event with the changed values of another event; false if that has another form. */
const fill = ({ parts, rest }: Form, data: string): boolean => {
  let at = 0;
  for (const { words, read } of parts) {
    if (!isAt(data, at, words)) return false;
    const end = read(data, at + words.length);
    if (end === undefined) return false;
    at = end;
  }
  return data.length - at === rest.length && isAt(data, at, rest);
};

/** By a slice: V8 compares two strings in half the time that `startsWith` takes. */
const isAt = (data: string, from: number, words: string): boolean =>
  data.slice(from, from + words.length) === words;

const textReader =
  (owner: Owner, name: Name): Read =>
  (data, from) => {
    if (data.charCodeAt(from) !== QUOTE) return undefined;
    const end = endOfString(data, from + 1);
    const text = stringBetween(data, from + 1, end);
    if (text === undefined) return undefined;
    owner[name] = text;
    return end + 1;
  };

/** JSON has no number with leading zeros; more than 15 digits may be no exact count. */
const countReader =
  (owner: Owner, name: Name): Read =>
  (data, from) => {
    const end = endOfDigits(data, from);
    const digits = end - from;
    if (digits === 0 || digits > 15 || (digits > 1 && data.charCodeAt(from) === ZERO)) return undefined;
    let count = 0;
    for (let at = from; at < end; at += 1) count = 10 * count + data.charCodeAt(at) - ZERO;
    owner[name] = count;
    return end;
  };
