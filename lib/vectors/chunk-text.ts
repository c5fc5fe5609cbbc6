import { segmentsOf } from '../text/segments.ts';

/**
 * Version of the chunking rule below. A run stores it, because its vector ids count the chunks. Raise it with every
 * change that moves a cut.
 */
export const CHUNK_RULE = 1;
export const MAX_CHUNK_BYTES = 2_000;

/** Characters read past the end of a chunk, to tell whether the end itself is a boundary. */
const LOOK_AHEAD = 64;
const encoder = new TextEncoder();
const buffer = new Uint8Array(MAX_CHUNK_BYTES);

/**
 * Cuts a text into chunks of at most 2,000 UTF-8 bytes, without overlap. Each chunk ends after the last paragraph that
 * fits, else the last sentence, else the last word, else the last grapheme; a grapheme over 2,000 bytes is cut between
 * code points. The chunks joined give the text again, except for chunks of only white space, which are dropped. A blank
 * text has no chunks.
 *
 * @example
 * chunkText('A short text.'); // ['A short text.']
 */
export const chunkText = (text: string): string[] => {
  const chunks: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + cutOf(text.slice(start, start + MAX_CHUNK_BYTES + LOOK_AHEAD));
    const chunk = text.slice(start, end);
    if (chunk.trim() !== '') chunks.push(chunk);
    start = end;
  }
  return chunks;
};

/** Length of the first chunk of `rest`, which need not reach further than the look-ahead. */
const cutOf = (rest: string): number => {
  const most = encoder.encodeInto(rest, buffer).read;
  if (most === rest.length) return most;
  // A cut before the first visible character would make a blank chunk.
  const least = rest.search(/\S/) + 1;
  const last = (ends: Iterable<number>): number | undefined => {
    let found: number | undefined;
    for (const end of ends) {
      if (end > most) break;
      if (end >= least) found = end;
    }
    return found;
  };
  const near = rest.slice(0, most + LOOK_AHEAD);
  return (
    last(paragraphEnds(rest.slice(0, most))) ??
    last(segmentEnds(segmentsOf(near, 'sentence'))) ??
    last(segmentEnds(segmentsOf(near, 'word'))) ??
    last(segmentEnds(segmentsOf(near, 'grapheme'))) ??
    most
  );
};

function* paragraphEnds(text: string): Generator<number> {
  for (const blank of text.matchAll(/\n[^\S\n]*\n\s*/g)) yield blank.index + blank[0].length;
}

/** Ends of all segments but the last, which may continue past the end of the text. */
function* segmentEnds(segments: Intl.Segments): Generator<number> {
  for (const { index } of segments) if (index > 0) yield index;
}
