/** A place in the stream of a run: the attempt that wrote it, the output's index, and the block's number in the output. */
export type StreamPlace = { attempt: number; index: number; number: number };

/**
 * Chunks of an output while it is generated, so that a reader can follow the run from another process. `chunks` is JSON
 * text of some 8 KB at most. Each attempt at a run begins anew: a reader takes the blocks of the latest.
 */
export type StreamBlock = StreamPlace & { runId: string; caller: string; chunks: string };

/** How long a block is kept when nothing deletes it, in ms: longer than any run is generated. */
export const STREAM_BLOCK_MS = 24 * 60 * 60_000;

/** The blocks of running streams. They belong to their runs, whose purge deletes them. */
export type StreamBlocks = {
  /** Writes a block; repeating it changes nothing. */
  put(block: StreamBlock): Promise<void>;
  /** Pages of a run's blocks in the order of their places, from the one that follows `after`. Reads are consistent. */
  read(runId: string, after?: StreamPlace): AsyncIterable<StreamBlock[]>;
  delete(runId: string): Promise<void>;
};
