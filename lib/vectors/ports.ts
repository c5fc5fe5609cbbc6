/** The Pinecone namespace of one caller's vectors from one embedding model. Models and callers never share one. */
export const namespaceOf = (prefix: string, embeddingModel: string, caller: string): string =>
  `${prefix}${embeddingModel}:${caller}`;

/** Vectors in the order of what was sent; `tokens` is null when the server does not report them. */
type Embeddings = { vectors: Float32Array[]; tokens: number | null };

/** Embeds texts in one request. */
export type Embedder = {
  readonly model: string;
  readonly dimensions: number;
  /** The provider's name in metrics; left out when unknown. */
  readonly provider?: string;
  /**
   * @throws {UpstreamError} When the request fails; a 4xx status means that the whole request was refused.
   */
  embed(texts: string[], signal?: AbortSignal): Promise<Embeddings>;
};

/** A text, or a text as the ids of its tokens. */
export type EmbeddingInput = string | number[];

export type EmbedInputsOptions = {
  signal?: AbortSignal;
  /** Of each vector; the embedder's own when left out. */
  dimensions?: number | undefined;
  /** The end user, told to the server unchanged. */
  user?: string | undefined;
  /** Wraps each request to the server, of which there are several when it is retried. */
  around?: (request: () => Promise<Embeddings>) => Promise<Embeddings>;
};

/** Embeds what callers send: also lists of tokens, and with other dimensions where the model has them. */
export type InputEmbedder = Pick<Embedder, 'model' | 'dimensions' | 'provider'> & {
  /** As `embed`. The message of an error of status 4xx has the server's words, its `ownWords` do not. */
  embedInputs(inputs: EmbeddingInput[], options?: EmbedInputsOptions): Promise<Embeddings>;
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
