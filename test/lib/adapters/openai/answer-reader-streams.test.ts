import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeAnswerReader } from '../../../../lib/adapters/openai/answer-reader.ts';
import { errorOf } from '../../../../lib/adapters/openai/errors.ts';
import { EverytokenError } from '../../../../lib/errors.ts';
import type { Marks } from '../../../../lib/timing/figures.ts';
import { bytesOf, cutAt, type GeneratedStream, generatedStream } from './generated-stream.ts';

/** Feeds the parts at the instants 1, 2, 3 … */
const read = (parts: Iterable<Uint8Array>) => {
  const reader = makeAnswerReader(0, { onError: (refused) => errorOf(refused, { secrets: [], fields: [] }) });
  let now = 0;
  for (const part of parts) reader.feed(part, ++now);
  return reader;
};
const untimed = (reader: ReturnType<typeof read>) => {
  const { text, chunks, usage, finishReason } = reader.answer('asked');
  return { text, usage, finishReason, chunks: chunks.map(({ t_ms: _, logprobs: __, ...chunk }) => chunk) };
};

const DONE_CHARS = 'data: [DONE]'.length;

/** The instant of each event, which is that of its last byte, when these parts come at 1, 2, 3 … */
const instantsOf = ({ events, eol }: GeneratedStream, parts: Uint8Array[]): number[] => {
  const ends: number[] = [];
  for (const part of parts) ends.push((ends.at(-1) ?? 0) + part.length);
  let offset = 0;
  return [...events.map(({ bytes }) => bytes.length), `data: [DONE]${eol}${eol}`.length].map((length) => {
    offset += length;
    return ends.findIndex((end) => end >= offset) + 1;
  });
};

const marksOf = (stream: GeneratedStream, instants: number[]): Marks => {
  const at = (matches: (event: GeneratedStream['events'][number]) => boolean, last = false) => {
    const index = last ? stream.events.findLastIndex(matches) : stream.events.findIndex(matches);
    return index < 0 ? undefined : instants[index];
  };
  const marks = {
    t0: 0,
    tR: at(({ isData }) => isData),
    t1: at(({ chunk }) => chunk !== undefined),
    tO: at(({ chunk }) => chunk !== undefined && chunk.kind === undefined),
    tL: at(({ chunk }) => chunk !== undefined, true),
    tE: instants.at(-1),
  };
  return Object.fromEntries(Object.entries(marks).filter(([, mark]) => mark !== undefined)) as Marks;
};

describe('any stream, its bytes split anywhere,', () => {
  test('yields the text, chunks, kinds and token counts that were sent', () => {
    fc.assert(
      fc.property(generatedStream(), fc.array(fc.nat(), { maxLength: 20 }), (stream, cuts) => {
        expect(untimed(read(cutAt(bytesOf(stream), cuts)))).toEqual({
          text: stream.text,
          finishReason: 'stop',
          usage: {
            prompt_tokens: stream.hasUsage ? 9 : null,
            completion_tokens: stream.completionTokens,
            reasoning_tokens: null,
            cached_tokens: null,
          },
          chunks: stream.events.flatMap(({ chunk }) => chunk ?? []),
        });
      }),
      { numRuns: 400 },
    );
  });

  test('has each mark at the instant at which the event that sets it was complete', () => {
    const lineFeeds = generatedStream().filter(({ eol }) => eol === '\n');
    fc.assert(
      fc.property(lineFeeds, fc.array(fc.nat(), { maxLength: 20 }), (stream, cuts) => {
        const parts = cutAt(bytesOf(stream), cuts);
        const instants = instantsOf(stream, parts);
        const reader = read(parts);
        expect(reader.marks).toEqual(marksOf(stream, instants));
        expect(reader.answer('asked').chunks.map(({ t_ms }) => t_ms)).toEqual(
          stream.events.flatMap(({ chunk }, at) => (chunk ? (instants[at] ?? []) : [])),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('yields the same when read byte by byte', () => {
    fc.assert(
      fc.property(generatedStream(), (stream) => {
        const bytes = bytesOf(stream);
        const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
        expect(untimed(read(single))).toEqual(untimed(read([bytes])));
      }),
      { numRuns: 60 },
    );
  });
});

describe('any stream, cut at every byte,', () => {
  /** The number of bytes up to and including the finish event, before which there is no answer. */
  const finishedAt = ({ events, hasUsage }: GeneratedStream): number =>
    events.slice(0, hasUsage ? -1 : undefined).reduce((sum, { bytes }) => sum + bytes.length, 0);

  test('has a finish reason only with its whole text, and its true usage or none', () => {
    fc.assert(
      fc.property(generatedStream(), (stream) => {
        const bytes = bytesOf(stream);
        // The last byte of a line end adds nothing: with CRLF the CR may have ended the line.
        const finished = finishedAt(stream) - (stream.eol === '\r\n' ? 1 : 0);
        for (let length = 0; length < bytes.length; length++) {
          const reader = read([bytes.subarray(0, length)]);
          if (length < finished) expect(reader.finishReason, `cut at ${length}`).toBeUndefined();
          if (length >= finishedAt(stream)) expect(reader.finishReason).toBe('stop');
          if (reader.finishReason === undefined) continue;
          const { text, usage } = reader.answer('asked');
          expect(text).toBe(stream.text);
          expect([null, stream.completionTokens]).toContain(usage.completion_tokens);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('and followed by an error event yields no answer before the finish reason, and the whole one after it', () => {
    fc.assert(
      fc.property(generatedStream(), (stream) => {
        const bytes = bytesOf(stream);
        const finished = finishedAt(stream) - 2 * stream.eol.length;
        const error = Buffer.from(`${stream.eol}${stream.eol}data: {"error":{"code":"server_error"}}\n\n`);
        for (let length = 0; length < bytes.length; length++) {
          const parts = [bytes.subarray(0, length), error];
          if (length < finished) expect(() => read(parts), `cut at ${length}`).toThrow(EverytokenError);
          else expect(read(parts).answer('asked').text, `cut at ${length}`).toBe(stream.text);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('without its last usage has unknown counts when it is cut, whatever was counted along the way', () => {
    fc.assert(
      fc.property(generatedStream({ usage: fc.constant(false) }), (stream) => {
        const { usage } = read([bytesOf(stream).subarray(0, -DONE_CHARS)]).answer('asked');
        expect([usage.completion_tokens, usage.reasoning_tokens]).toEqual([null, null]);
      }),
      { numRuns: 60 },
    );
  });

  test('without a finish reason yields none, however it ends', () => {
    fc.assert(
      fc.property(generatedStream(), (stream) => {
        const events = stream.events.filter(({ bytes }) => !bytes.includes('"finish_reason":"stop"'));
        const reader = read([bytesOf({ ...stream, events })]);
        expect(reader.finishReason).toBeUndefined();
        expect(reader.failure({})).toMatchObject({ code: 'incomplete_output', retryable: true });
      }),
      { numRuns: 60 },
    );
  });
});

describe('any bytes', () => {
  const damaged = fc
    .tuple(
      generatedStream(),
      fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.uint8Array({ maxLength: 4 })), { maxLength: 6 }),
    )
    .map(([stream, damages]) => {
      let bytes = bytesOf(stream);
      for (const [position, removed, inserted] of damages) {
        const at = position % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
      }
      return bytes;
    });
  const types = fc.constantFrom(null, 'text/event-stream', 'application/json', 'text/html');

  test('of a damaged stream or of none are an answer in well-formed text, or an EverytokenError', () => {
    const bytes = fc.oneof(damaged, fc.uint8Array({ maxLength: 200 }).map(Buffer.from));
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 5 }), types, (whole, cuts, contentType) => {
        const reader = makeAnswerReader(0, {
          contentType,
          onError: (refused, output) => errorOf(refused, { secrets: [output], fields: [] }),
        });
        try {
          for (const [at, part] of cutAt(whole, cuts).entries()) reader.feed(part, at + 1);
          reader.end();
          const failure = reader.failure({});
          if (failure) throw failure;
          const { text, chunks, finishReason, warnings } = reader.answer('asked');
          expect(finishReason).not.toBe('');
          expect([text, ...warnings].every((one) => one.isWellFormed())).toBe(true);
          const instants = chunks.map(({ t_ms }) => t_ms);
          expect(instants).toEqual(instants.toSorted((a, b) => a - b));
        } catch (error) {
          expect(error).toBeInstanceOf(EverytokenError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
