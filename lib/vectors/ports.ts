/** Embeds texts in one request, in their order. Throws `UpstreamError`; a 4xx means the whole request was refused. */
export type Embedder = {
  readonly model: string;
  readonly dimensions: number;
  /** As metrics name it. */
  readonly provider?: string;
  embed(texts: string[], signal?: AbortSignal): Promise<{ vectors: Float32Array[]; tokens: number | null }>;
};

export type VectorMetadata = Record<string, string | number | boolean | string[]>;
export type VectorRecord = { id: string; values: Float32Array; metadata: VectorMetadata };
export type VectorMatch = { id: string; score: number; metadata: VectorMetadata };

/**
 * Vectors under deterministic ids in a namespace. Writes retry 429 and network errors inside, within their
 * signal, and throw `UpstreamError` when they give up. `filter` is Pinecone's.
 */
export type VectorIndex = {
  /** Creates the index if it is absent; throws `ConfigurationError` with both numbers on another dimension. */
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
