/** Pinecone's error codes, which are gRPC's, each with its gRPC number and HTTP status. */
const CODES = {
  INVALID_ARGUMENT: { grpc: 3, status: 400 },
  NOT_FOUND: { grpc: 5, status: 404 },
  ALREADY_EXISTS: { grpc: 6, status: 409 },
  FORBIDDEN: { grpc: 7, status: 403 },
  OUT_OF_RANGE: { grpc: 11, status: 400 },
  UNIMPLEMENTED: { grpc: 12, status: 501 },
  INTERNAL: { grpc: 13, status: 500 },
} as const;

export type PineconeCode = keyof typeof CODES;

/** An error that is sent to the client. The control plane and the data plane each have a shape for it. */
export class PineconeError extends Error {
  readonly code: PineconeCode;

  constructor(code: PineconeCode, message: string) {
    super(message);
    this.name = 'PineconeError';
    this.code = code;
  }

  get status(): (typeof CODES)[PineconeCode]['status'] {
    return CODES[this.code].status;
  }

  /** The control plane's answer: `{error: {code, message}, status}`. */
  toControlBody(): { error: { code: PineconeCode; message: string }; status: number } {
    return { error: { code: this.code, message: this.message }, status: this.status };
  }

  /** The data plane's answer: `{code, message, details}` with the gRPC number as `code`. */
  toDataBody(): { code: number; message: string; details: [] } {
    return { code: CODES[this.code].grpc, message: this.message, details: [] };
  }
}

/** The error for an invalid request. */
export const invalid = (message: string): PineconeError => new PineconeError('INVALID_ARGUMENT', message);
