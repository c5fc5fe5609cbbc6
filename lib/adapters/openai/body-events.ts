import { createParser } from 'eventsource-parser';
import { IncompleteOutputError } from '../../errors.ts';

/** Larger than any real event or completion; beyond it the answer is treated as broken. */
const MAX_CHARS = 8 * 1024 * 1024;
/** Of an event that repeats the events before it: tens of thousands of tokens with twenty alternatives each. */
const MAX_REPEATED_CHARS = 64 * 1024 * 1024;

/** The first sign of an event stream: a field's name, or the colon of a comment. */
const EVENT_STREAM = /^[\w:]/;

type BodyEvents = {
  /** Called for each event of an event stream, and for a line of JSON in it, with its data and its type. */
  onEvent(data: string, type: string | undefined): void;
  /** Called at the end with the value of a body that is one JSON document. */
  onDocument(value: unknown): void;
};

/**
 * Splits the text of a body into events, or takes it as one JSON document, whatever its content type says: servers and
 * proxies label event streams `application/json`, `text/plain`, or twice.
 *
 * `feed` and `end` throw an `IncompleteOutputError` when an event or the document is longer than 8 MiB (with `repeats`,
 * where events may repeat what came before them: than that and all before it, up to 64 MiB), and `feed`
 * one with the code `unreadable_output` when the text is neither, such as an HTML page.
 */
export const makeBodyEvents = (
  { onEvent, onDocument }: BodyEvents,
  contentType: string | null,
  { repeats = false } = {},
) => {
  let form: 'unknown' | 'events' | 'document' = 'unknown';
  const document: string[] = [];
  let documentChars = 0;
  const parser = createParser({
    maxBufferSize: repeats ? MAX_REPEATED_CHARS : MAX_CHARS,
    onEvent: ({ data, event }) => onEvent(data, event),
    onError({ type, field, value = '', line = '' }) {
      if (type === 'max-buffer-size-exceeded') throw tooLong('an event');
      // Some servers write an error into a stream that has begun as a line of JSON, or as a field `error`.
      if (type !== 'unknown-field') return;
      if (field === 'error') onEvent(value, 'error');
      else if (line.startsWith('{')) onEvent(line, undefined);
    },
  });

  const feed = (text: string): void => {
    if (form === 'events') {
      if (repeats) boundLine(text);
      parser.feed(text);
    } else if (form === 'document') {
      documentChars += text.length;
      if (documentChars > MAX_CHARS) throw tooLong('a document');
      document.push(text);
    } else begin(text);
  };

  let charsBefore = 0;
  let lineChars = 0;
  const boundLine = (text: string): void => {
    const lineEnd = text.lastIndexOf('\n') + 1;
    if (lineEnd > 0) {
      charsBefore += lineChars + lineEnd;
      lineChars = 0;
    }
    lineChars += text.length - lineEnd;
    if (lineChars > MAX_CHARS + charsBefore) throw tooLong('an event');
  };

  /** Spaces and empty lines before the first sign mean nothing in either form, so none is kept. */
  const begin = (text: string): void => {
    const first = text.trimStart().slice(0, 1);
    if (first === '') return;
    if (first === '{' || first === '[') form = 'document';
    else if (EVENT_STREAM.test(first)) form = 'events';
    else throw unreadable(contentType);
    feed(text);
  };

  return {
    feed,
    /** Ends the body, and with it a last event that no blank line follows. */
    end(): void {
      if (form === 'events') parser.feed('\n\n');
      else if (form === 'document') onDocument(parseDocument(document.join(''), contentType));
    },
    /** Whether the body began with text. */
    get hasBegun() {
      return form !== 'unknown';
    },
  };
};

/** Parses a document. The parser's own error is left out; it quotes the output. */
const parseDocument = (text: string, contentType: string | null): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    if (/[}\]]\s*$/.test(text.slice(-100))) throw unreadable(contentType);
    throw new IncompleteOutputError('the JSON document of the model server ended before it was complete');
  }
};

const tooLong = (what: string) =>
  new IncompleteOutputError(`the model server sent ${what} of more than 8 MiB`);

/** The final error of an answer that is neither an event stream nor a completion. */
export const unreadable = (contentType: string | null): IncompleteOutputError =>
  new IncompleteOutputError(
    `the model server answered with ${contentType?.slice(0, 100).toWellFormed() ?? 'something of unknown type'} that is neither an event stream nor a completion; check that its address is that of an API`,
    { code: 'unreadable_output', retryable: false },
  );
