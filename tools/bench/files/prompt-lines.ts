import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { seededRandom } from '../../../local/model/random.ts';

/** Words of drawn texts, in several scripts. */
export const WORDS =
  'an index of vectors finds near ones by walking a graph from far to close – queues keep what waits – a lease says who works – naïve retries pay twice – größere Blöcke kosten Speicher – 索引 holds order'.split(
    ' ',
  );
const TEXT_CHARS = 940;

/** The request of a line, about 1,080 bytes. It depends on the line number alone, and no two are alike. */
export const requestOf = (line: number) => ({
  prompt: `${rowOf(line)}: ${textOf(line)}`,
  max_tokens: 16,
  index: false,
  metadata: { row: rowOf(line) },
});

const textOf = (line: number): string => {
  const random = seededRandom(line);
  let text = '';
  while (text.length < TEXT_CHARS) text += ` ${WORDS[Math.floor(random() * WORDS.length)]}`;
  return text.slice(1);
};

const rowOf = (line: number): string => `row-${String(line).padStart(6, '0')}`;

/** The tokens that this benchmark's model server answers to a prompt; they name the row. */
export const answerTo = (prompt: string): string[] => ['This', ' answers ', prompt.slice(0, 10), '.'];

/** The whole answer to a line. */
export const answerOf = (line: number): string => answerTo(rowOf(line)).join('');

/** Writes a `.jsonl` of `lines` lines and returns its size in bytes. */
export const writePromptFile = async (path: string, lines: number): Promise<number> => {
  const out = createWriteStream(path);
  for (let line = 1; line <= lines; line += 1) {
    if (!out.write(`${JSON.stringify(requestOf(line))}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return out.bytesWritten;
};
