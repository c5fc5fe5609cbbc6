import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerOf, timedEvents } from '../../../../../tools/bench/truth/path/bare-stream.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** The bytes in reads that end at these offsets; each is read at the instant of its number. */
const readsOf = (bytes: Uint8Array, cuts: readonly number[]) => {
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])].sort(
    (a, b) => a - b,
  );
  return ends.map((end, at) => ({
    at,
    base64: Buffer.from(bytes.subarray(ends[at - 1] ?? 0, end)).toString('base64'),
  }));
};

test('an event has the time of the read that brought its last byte', () => {
  const first = Buffer.from(HEAD + chunk('data: {"a":1}\n\n'));
  const whole = Buffer.concat([first, Buffer.from(`${chunk(': quiet\n\ndata: größer\n\n')}0\r\n\r\n`)]);
  const events = timedEvents(readsOf(whole, [first.length, first.length + 20]));
  expect(events).toEqual([
    { at: 0, data: '{"a":1}' },
    { at: 2, data: 'größer' },
  ]);
});

test('wherever reads and chunks are cut, the events are the same and their times do not decrease', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 6 }),
      fc.array(fc.nat(400)),
      fc.array(fc.nat(200)),
      (texts, readCuts, chunkCuts) => {
        const datas = texts.map((text) => JSON.stringify(text));
        const body = Buffer.from(datas.map((data) => `data: ${data}\n\n`).join(''));
        const chunks = readsOf(body, chunkCuts)
          .map(({ base64 }) => Buffer.from(base64, 'base64'))
          .filter((bytes) => bytes.length > 0)
          .flatMap((bytes) => [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
        const whole = Buffer.concat([Buffer.from(HEAD), ...chunks, Buffer.from('0\r\n\r\n')]);
        const events = timedEvents(readsOf(whole, readCuts));
        expect(events.map(({ data }) => data)).toEqual(datas);
        const times = events.map(({ at }) => at);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      },
    ),
  );
});

test('a response of another coding is refused', () => {
  const reads = readsOf(Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}'), []);
  expect(() => timedEvents(reads)).toThrow('chunked');
});

test('events with a name have their data, and headers are found whatever their case', () => {
  const whole = Buffer.from(`${HEAD}${chunk('event: token\ndata: {"a":1}\n\n: quiet\n\n')}0\r\n\r\n`);
  const reads = readsOf(whole, [HEAD.length + 8]);
  expect(timedEvents(reads)).toEqual([{ at: 1, data: '{"a":1}' }]);
  expect(headerOf(reads, 'transfer-encoding')).toBe('chunked');
  expect(headerOf(reads, 'server-timing')).toBeUndefined();
});
