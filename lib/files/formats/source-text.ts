import { refuseFile } from './faults.ts';

const BOM = [0xef, 0xbb, 0xbf];
const STRETCH_BYTES = 64 * 1024;

/**
 * The source as text, decoded as it comes, in stretches of at most 64 KiB: a line of any length passes without being
 * held. Throws `bad_encoding` for bytes that are not UTF-8, `too_large` past `cap` bytes. `start` is the offset at
 * which the source begins.
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

/** What a stretch of text holds of one line, without its line break (LF); `bytes` counts that too. */
type LinePart = { text: string; bytes: number; endsLine: boolean };

export function* linePartsOf(stretch: string): Generator<LinePart> {
  for (let at = 0; at < stretch.length; ) {
    const lf = stretch.indexOf('\n', at);
    const endsLine = lf !== -1;
    const text = stretch.slice(at, endsLine ? lf : stretch.length);
    yield { text, bytes: Buffer.byteLength(text) + (endsLine ? 1 : 0), endsLine };
    at += text.length + 1;
  }
}

/** Decodes stretch by stretch; without one, says that there are no more. */
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

/** Takes a byte order mark off a source that stands at its beginning. */
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
