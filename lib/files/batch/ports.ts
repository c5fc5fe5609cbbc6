import type { Usage } from '../../runs/generation.ts';
import type { Message } from '../../runs/request.ts';
import type { ToolCall } from '../../runs/tool-call.ts';

/** A batch at the model server. While it is `open`, its answers are not final. */
export type BatchJob = {
  id: string;
  status: 'open' | 'completed' | 'expired' | 'failed' | 'cancelled';
  metadata: Record<string, string>;
  /** Ids of files of result lines (answers and errors). A batch that did not complete may have some too. */
  resultFiles: string[];
  /** The error of the batch as a whole; null if it has none. */
  error: { code: string; message: string } | null;
};

/**
 * The batches of a model server.
 * @throws {UpstreamError | ConfigurationError} from every method; `retryable` says whether a retry can help.
 */
export type Batches = {
  /** Uploads the lines and creates a batch of them; `find` finds it by its metadata. */
  create(lines: readonly string[], metadata: Record<string, string>): Promise<BatchJob>;
  /** The newest batch with this metadata created since `since` (epoch ms) that has not failed. The list may lag. */
  find(metadata: Record<string, string>, since: number): Promise<BatchJob | undefined>;
  get(id: string): Promise<BatchJob>;
  /** Does nothing to a batch that has ended. */
  cancel(id: string): Promise<void>;
  /** Deletes a batch's files: its prompts and answers. Returns false, and deletes nothing, while the batch is open. */
  remove(id: string): Promise<boolean>;
  /** Streams the bytes of a file of result lines. */
  read(fileId: string): AsyncIterable<Uint8Array>;
};

/** A parsed result line: the model's answer, or its error. `createdAt` is in epoch ms. */
export type BatchAnswer =
  | {
      completionId: string | null;
      createdAt: number | null;
      model: string;
      text: string;
      toolCalls: ToolCall[];
      finishReason: string;
      usage: Usage;
    }
  | { error: { code: string; message: string } };

/** Parses a result line, given its request. Its errors never contain the prompt. */
export type ReadAnswer = (line: string, request: { model: string; messages: Message[] }) => BatchAnswer;
