import { refuseFile } from './faults.ts';

const BOM = [0xef, 0xbb, 0xbf];
const STRETCH_BYTES = 64 * 1024;

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

/** Makes a decoder of one stretch after another; `undefined` ends the text. `at` is the offset for error messages. */
const makeDecoder = (): ((bytes: Uint8Array | undefined, at: number) => string) => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return (bytes, at) => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      return refuseFile(
        'bad_encoding',
        `the file is not UTF-8 (near byte ${at}); save it as UTF-8 (Excel: "CSV UTF-8") and drop it again`,
      );
    }
  };
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
