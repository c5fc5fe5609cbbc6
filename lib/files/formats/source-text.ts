import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { refuseFile } from './faults.ts';

const BOM = [0xef, 0xbb, 0xbf];
const STRETCH_BYTES = 64 * 1024;
const NO_BYTES = new Uint8Array();

/**
 * Decodes a source as it comes, in stretches of at most 64 KiB, so that a line of any length is never held whole.
 * `start` is the offset in the file at which the source begins; `cap` is the upper bound of the file's bytes.
 * @throws {InvalidInputError} `bad_encoding` when it is not UTF-8, `too_large` when the file has over `cap` bytes.
 */
export async function* textOf(
  source: AsyncIterable<Uint8Array>,
  { start, cap }: { start: number; cap: number },
): AsyncGenerator<string> {
  const decode = makeDecoder();
  let byte = start;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += STRETCH_BYTES) {
      const stretch = chunk.subarray(at, at + STRETCH_BYTES);
      const text = decode(stretch, byte);
      byte += stretch.length;
      if (byte > cap) refuseFile('too_large', `the file has over ${cap} bytes; split it into several files`);
      yield text;
    }
  }
  decode(undefined, byte);
}

/** The character that ends lines; a CR before an LF is part of its line. */
export type LineBreak = '\n' | '\r';

/** The part of one line within a stretch, without its line break; `bytes` includes the line break. */
type LinePart = { text: string; bytes: number; endsLine: boolean };

export function* linePartsOf(stretch: string, lineBreak: LineBreak = '\n'): Generator<LinePart> {
  for (let at = 0; at < stretch.length; ) {
    const to = stretch.indexOf(lineBreak, at);
    const endsLine = to !== -1;
    const text = stretch.slice(at, endsLine ? to : stretch.length);
    yield { text, bytes: Buffer.byteLength(text) + (endsLine ? 1 : 0), endsLine };
    at += text.length + 1;
  }
}

/** Makes a decoder of one stretch after another; `undefined` ends the text. `at` is the stretch's offset in the file. */
const makeDecoder = (): ((bytes: Uint8Array | undefined, at: number) => string) => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  // The beginning of a character whose other bytes come with the next stretch.
  let begun: Uint8Array = NO_BYTES;
  return (stretch, at) => {
    const bytes = stretch ?? NO_BYTES;
    try {
      const text = decoder.decode(bytes, { stream: stretch !== undefined });
      const left = begun.length + bytes.length - Buffer.byteLength(text);
      begun = left === 0 ? NO_BYTES : Buffer.concat([begun, bytes.subarray(-left)]).subarray(-left);
      return text;
    } catch {
      return refuseEncoding(Buffer.concat([begun, bytes]), at - begun.length);
    }
  };
};

/** Other kinds of files that are taken for texts, by their first bytes. */
const OTHER_KINDS: [first: number[], kind: string][] = [
  [[0xff, 0xfe], ' but UTF-16, as "Unicode Text" of Excel is'],
  [[0xfe, 0xff], ' but UTF-16, as "Unicode Text" of Excel is'],
  [[0x1f, 0x8b], ' but compressed by gzip; unpack it'],
  [[0x50, 0x4b, 0x03], ' but a zip file or a workbook'],
];

const refuseEncoding = (undecoded: Uint8Array, start: number): never => {
  const bad = start + wellFormedBytes(undecoded);
  const isBegin = (first: number[]) => start === 0 && first.every((byte, at) => byte === undecoded[at]);
  const [, kind = ''] = OTHER_KINDS.find(([first]) => isBegin(first)) ?? [];
  return refuseFile(
    'bad_encoding',
    `the file is not UTF-8 (byte ${bad}, counted from 0)${kind}; save it as UTF-8 (Excel: "CSV UTF-8")`,
  );
};

/** The number of bytes before the first character that is not well-formed. */
const wellFormedBytes = (bytes: Uint8Array): number => {
  const repaired = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  let end = bytes.findIndex((byte, at) => byte !== repaired[at]);
  if (end === -1) end = bytes.length;
  // The first bytes of an ill-formed character may be those of the U+FFFD in its place.
  while (!isUtf8(bytes.subarray(0, end))) end -= 1;
  return end;
};

/** Strips the byte order mark from a source that begins at the file's beginning. */
export const takeBom = async (
  source: AsyncIterable<Uint8Array>,
): Promise<{ bom: boolean; rest: AsyncIterable<Uint8Array> }> => {
  const chunks = source[Symbol.asyncIterator]();
  let first = new Uint8Array();
  while (first.length < BOM.length) {
    const next = await chunks.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  const bom = BOM.every((byte, at) => first[at] === byte);
  return { bom, rest: resumed(first.subarray(bom ? BOM.length : 0), chunks) };
};

async function* resumed(first: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

/** The lines of a text of any length that are not blank, as its bytes are read. Bytes that are not UTF-8 become U+FFFD. */
export const textLinesOf = async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let pending: string[] = [];
  for await (const chunk of bytes) {
    const [first = '', ...others] = decoder.write(Buffer.from(chunk)).split('\n');
    pending.push(first);
    for (const next of others) {
      const line = pending.join('');
      if (line.trim() !== '') yield line;
      pending = [next];
    }
  }
  const last = pending.join('') + decoder.end();
  if (last.trim() !== '') yield last;
};
