/** Embeds texts in one request. */
export type Embedder = {
  readonly model: string;
  readonly dimensions: number;
  /** The provider's name in metrics; left out when unknown. */
  readonly provider?: string;
  /**
   * Vectors in the order of `texts`; `tokens` is null when the server does not report them.
   * @throws {UpstreamError} When the request fails; a 4xx status means that the whole request was refused.
   */
  embed(texts: string[], signal?: AbortSignal): Promise<{ vectors: Float32Array[]; tokens: number | null }>;
};

export type VectorMetadata = Record<string, string | number | boolean | string[]>;
export type VectorRecord = { id: string; values: Float32Array; metadata: VectorMetadata };
export type VectorMatch = { id: string; score: number; metadata: VectorMetadata };

/**
 * Stores vectors under deterministic ids in a namespace. Every call retries 429 and network errors itself, and throws
 * `UpstreamError` when it gives up. `filter` is in Pinecone's filter language.
 */
export type VectorIndex = {
  /**
   * Creates the index if it is absent.
   * @throws {ConfigurationError} When the index has another dimension; the message names both.
   */
  ensure(): Promise<void>;
  upsert(namespace: string, records: VectorRecord[]): Promise<void>;
  fetch(namespace: string, ids: string[]): Promise<VectorRecord[]>;
  delete(namespace: string, ids: string[]): Promise<void>;
  query(
    namespace: string,
    vector: Float32Array,
    options: { topK: number; filter?: Record<string, unknown> },
  ): Promise<VectorMatch[]>;
};

/** Lists the contents of the vector index, everybody's; may lag behind writes. */
export type VectorList = {
  /** The namespaces, each with the number of its vectors. */
  namespaces(): Promise<{ name: string; vectors: number }[]>;
  /** All ids of a namespace, in pages; none for an absent namespace. */
  ids(namespace: string): AsyncIterable<string[]>;
};
