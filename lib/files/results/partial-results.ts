import { FILE_LIMITS, RESERVE_MS } from '../limits.ts';
import type { PromptFile } from '../prompt-file.ts';
import { loadHead } from '../read/reading-progress.ts';
import type { AssembleDeps } from './assemble-deps.ts';
import { assembledLines } from './assembled-lines.ts';
import { makeObjectWriter } from './object-writer.ts';
import { shapesOf } from './result-shapes.ts';
import { contentTypeOf, resultKey } from './results.ts';

export const partialKey = (file: Pick<PromptFile, 'id' | 'key'>): string => resultKey(file, '.partial.jsonl');

/**
 * Writes what has ended of a file so far, in order, in the shape of its results; when time runs out, what was reached
 * by then. Does nothing for a file that is not being generated: a finished one has its results.
 */
export const writePartialResults = async (fileId: string, deps: AssembleDeps): Promise<void> => {
  const { files, content, limits = FILE_LIMITS } = deps;
  const file = await files.get(fileId);
  if (file?.status !== 'generating') return;
  const [lines] = shapesOf(
    (await loadHead(fileId, content)) ?? { kind: 'requests', columns: null, delimiter: null, bom: false },
  );
  if (!lines) return;
  const target = {
    key: partialKey(file),
    contentType: contentTypeOf('.jsonl'),
    partBytes: limits.partBytes,
  };
  const writer = makeObjectWriter(target, content);
  for (let number = 0; number < file.sentBlocks && deps.remainingMs() > RESERVE_MS; number += 1) {
    const ended = assembledLines(file, number, deps, ({ line }, done) => done.has(line));
    for await (const line of ended) await writer.write(lines.render(line));
  }
  await writer.end();
  deps.log.info('file.partial_results', { file_id: fileId });
};
