import type { Generation, TraceChunk } from '../runs/generation.ts';

/** What a streamed answer tells while a run goes on. Must not throw and never delays the run. */
export type RunListener = {
  onChunk(index: number, chunk: TraceChunk): void;
  onRestart(index: number, attempt: number): void;
  onGeneration(generation: Generation): void;
};
