import { createHash } from 'node:crypto';
import type { Run } from './run.ts';

// Crockford's base32, without the easily misread i, l, o and u: https://www.crockford.com/base32.html
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

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

/** A run id that sorts by time: 48 bits of epoch ms, then 10 random bytes. */
export const timedRunId = (now: number, random: Uint8Array): string => {
  const time = Buffer.alloc(6);
  time.writeUIntBE(now, 0, 6);
  return `run_${base32(Buffer.concat([time, random]))}`;
};

/** The time in an id that `timedRunId` made, in epoch ms, given its 26 characters without the prefix. */
export const timeOfId = (characters: string): number => {
  let time = 0;
  // 48 bits are nine characters of five bits each, and the first three bits of the tenth.
  for (const character of characters.slice(0, 9)) time = time * 32 + ALPHABET.indexOf(character);
  return time * 8 + (ALPHABET.indexOf(characters.charAt(9)) >> 2);
};

/** A run id derived from these parts, always the same, so that a repeated request finds its first run. */
export const derivedRunId = (...parts: string[]): string =>
  `run_${base32(createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16))}`;

/** The id of the run that a caller's Idempotency-Key stands for. */
export const keyedRunId = (caller: string, idempotencyKey: string): string =>
  derivedRunId('key', caller, idempotencyKey);

/** The characters of an id after its prefix, as a part of a pattern. */
export const ID_CHARACTERS = '[0-9a-hjkmnp-tv-z]{26}';

const RUN_ID = new RegExp(`^run_${ID_CHARACTERS}$`);

export const isRunId = (text: string): boolean => RUN_ID.test(text);

/** The content-store key of a run's request, used unless the run item itself holds the request. */
export const requestKey = (runId: string): string => `requests/${runId}.json`;

/** The content-store key of an output. It contains the lease, so no other worker overwrites it. */
export const outputKey = (runId: string, index: number, lease: string): string =>
  `outputs/${runId}/${index}.${lease}.json`;

/** A chunk's vector id. It is deterministic, so ids need no listing and repeated upserts are idempotent. */
export const vectorId = (runId: string, index: number, chunk: number): string => `${runId}#${index}#${chunk}`;

/** The run of a stored vector; undefined for an id of another form. */
export const runIdOfVector = (id: string): string | undefined => /^(run_\w+)#\d+#\d+(?:@.+)?$/.exec(id)?.[1];

type Indexed = Pick<Run, 'id' | 'index' | 'generations'>;

/** All vector ids that an output of a run can have. */
export const vectorIdsOf = (run: Indexed, index: number): string[] => {
  const chunks = run.index ? (run.generations[index]?.chunks ?? 0) : 0;
  return Array.from({ length: chunks }, (_, chunk) => vectorId(run.id, index, chunk));
};

/** All vector ids that a run can have. */
export const vectorIdsOfRun = (run: Indexed): string[] =>
  run.generations.flatMap((_, index) => vectorIdsOf(run, index));
