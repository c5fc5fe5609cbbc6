import type { ContentStore } from '../../runs/ports.ts';
import { FILE_LIMITS, type FileLimits } from '../limits.ts';
import type { PromptFile } from '../prompt-file.ts';
import { loadHead, loadJson } from '../read/reading-progress.ts';
import { makeObjectWriter, type WriterState } from './object-writer.ts';
import { shapesOf } from './result-shapes.ts';
import { type AssembledLine, contentTypeOf, resultKey } from './results.ts';
import { makeTotals, type TotalsState } from './summary.ts';

/** Where assembling goes on: `block` is the next one. */
export type AssemblyState = { block: number; totals: TotalsState; writers: Record<string, WriterState> };

const stateKey = (fileId: string): string => `files/${fileId}/assembly.json`;

export const loadAssembly = async (
  fileId: string,
  content: ContentStore,
): Promise<AssemblyState | undefined> =>
  (await loadJson<AssemblyState | null>(stateKey(fileId), content)) ?? undefined;

/** Null: assembling begins anew. */
export const saveAssembly = (
  fileId: string,
  state: AssemblyState | null,
  content: ContentStore,
): Promise<void> => content.put(stateKey(fileId), JSON.stringify(state), 'application/json');

const REQUESTS = { kind: 'requests', columns: null, delimiter: null, bom: false } as const;

/** A file's results in the making: its objects and its sums. */
export const openAssembly = async (
  file: PromptFile,
  from: AssemblyState | undefined,
  { content, limits = FILE_LIMITS }: { content: ContentStore; limits?: FileLimits },
) => {
  const shapes = shapesOf((await loadHead(file.id, content)) ?? REQUESTS);
  const totals = makeTotals(from?.totals);
  const outputs = shapes.map(({ suffix, opening, render }) => {
    const target = {
      key: resultKey(file, suffix),
      contentType: contentTypeOf(suffix),
      partBytes: limits.partBytes,
    };
    const begun = from?.writers[suffix] ?? { uploadId: null, etags: [], tail: opening };
    return { suffix, render, writer: makeObjectWriter(target, content, begun) };
  });
  let block = from?.block ?? 0;
  return {
    totals,
    block: (): number => block,
    nextBlock: (): void => {
      block += 1;
    },
    add: async (line: AssembledLine): Promise<void> => {
      totals.add(line);
      for (const { render, writer } of outputs) await writer.write(render(line));
    },
    parts: (): number => outputs.reduce((sum, { writer }) => sum + writer.parts(), 0),
    state: (): AssemblyState => ({
      block,
      totals: totals.state(),
      writers: Object.fromEntries(outputs.map(({ suffix, writer }) => [suffix, writer.state()])),
    }),
    end: async (): Promise<void> => {
      for (const { writer } of outputs) await writer.end();
    },
  };
};

export type Assembly = Awaited<ReturnType<typeof openAssembly>>;
