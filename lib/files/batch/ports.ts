import type { Usage } from '../../runs/generation.ts';
import type { Message } from '../../runs/request.ts';

/** A batch at the model server. `open`: its answers are not final yet. */
export type BatchJob = {
  id: string;
  status: 'open' | 'completed' | 'expired' | 'failed' | 'cancelled';
  metadata: Record<string, string>;
  /** Files of result lines (answers and errors); some may be there however it ended. */
  resultFiles: string[];
  /** Why it failed as a whole. */
  error: { code: string; message: string } | null;
};

/**
 * A model server's batches. All throw `UpstreamError` or `ConfigurationError`; `retryable` says whether asking again
 * can help.
 */
export type Batches = {
  /** Uploads the lines and begins a batch of them; metadata is what it is found by. */
  create(lines: readonly string[], metadata: Record<string, string>): Promise<BatchJob>;
  /** The newest batch with this metadata that was created since then (epoch ms) and has not failed. The list may lag. */
  find(metadata: Record<string, string>, since: number): Promise<BatchJob | undefined>;
  get(id: string): Promise<BatchJob>;
  /** Harmless for one that has ended. */
  cancel(id: string): Promise<void>;
  /** The bytes of a file of result lines, as they come. */
  read(fileId: string): AsyncIterable<Uint8Array>;
};

/** A result line, read: what the model said, or why it said nothing. */
export type BatchAnswer =
  | {
      completionId: string | null;
      createdAt: number | null;
      model: string;
      text: string;
      finishReason: string;
      usage: Usage;
    }
  | { error: { code: string; message: string } };

/** Reads a result line; its errors never repeat the prompt. */
export type ReadAnswer = (line: string, asked: { model: string; messages: Message[] }) => BatchAnswer;
