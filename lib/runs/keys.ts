import { createHash } from 'node:crypto';
import type { Run } from './run.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford's: no i, l, o, u to misread

const base32 = (bytes: Uint8Array): string => {
  let bits = 0;
  let held = 0;
  let text = '';
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
};

/** A run id that sorts by time: 48 bits of epoch ms, then the given 10 random bytes. */
export const timedRunId = (now: number, random: Uint8Array): string => {
  const time = Buffer.alloc(6);
  time.writeUIntBE(now, 0, 6);
  return `run_${base32(Buffer.concat([time, random]))}`;
};

/** The run id that follows from these parts, always the same one: it makes a repeated request find its first run. */
export const derivedRunId = (...parts: string[]): string =>
  `run_${base32(createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16))}`;

export const isRunId = (text: string): boolean => /^run_[0-9a-hjkmnp-tv-z]{26}$/.test(text);

/** Where a run's request stands in the content store, unless RUN itself holds it. */
export const requestKey = (runId: string): string => `requests/${runId}.json`;

/** Where an output stands in the content store: another lease never overwrites it. */
export const outputKey = (runId: string, index: number, lease: string): string =>
  `outputs/${runId}/${index}.${lease}.json`;

/** A chunk's id: computed from what it is, so it need never be listed and writing it twice is writing it once. */
export const vectorId = (runId: string, index: number, chunk: number): string => `${runId}#${index}#${chunk}`;

type Indexed = Pick<Run, 'id' | 'index' | 'generations'>;

/** Every vector id that an output of a run can have. */
export const vectorIdsOf = (run: Indexed, index: number): string[] => {
  const chunks = run.index ? (run.generations[index]?.chunks ?? 0) : 0;
  return Array.from({ length: chunks }, (_, chunk) => vectorId(run.id, index, chunk));
};

/** Every vector id that a run can have. */
export const vectorIdsOfRun = (run: Indexed): string[] =>
  run.generations.flatMap((_, index) => vectorIdsOf(run, index));
