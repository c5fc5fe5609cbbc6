/** Pinecone's error codes (names of gRPC), with the gRPC number and the HTTP status each travels with. */
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

/** A refusal that the server tells its client. Both planes know it; each writes it in its own shape. */
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

  /** `{error: {code, message}, status}`: how the control plane answers. */
  toControlBody(): { error: { code: PineconeCode; message: string }; status: number } {
    return { error: { code: this.code, message: this.message }, status: this.status };
  }

  /** `{code, message, details}` with the gRPC number: how the data plane answers. */
  toDataBody(): { code: number; message: string; details: [] } {
    return { code: CODES[this.code].grpc, message: this.message, details: [] };
  }
}

/** The commonest refusal: what the client sent cannot be served. */
export const invalid = (message: string): PineconeError => new PineconeError('INVALID_ARGUMENT', message);
