import { Writable } from 'node:stream';
import type { FromEnvironment } from './start-environment.ts';

/** Marks a handler wrapped by `awslambda.streamifyResponse`. */
export const STREAMING_HANDLER = Symbol('streaming handler');

/** Bytes in flight to the reader before a write has to wait. */
const WINDOW_BYTES = 64 * 1024;

const PRELUDE_SEPARATOR = new Uint8Array(8);

export type HttpPrelude = { statusCode?: number; headers?: Record<string, string>; cookies?: string[] };

/**
 * The stream that a streaming handler writes to. Every write is sent at once; the next one waits only while the reader
 * has more than 64 KiB left to take.
 */
export class ResponseStream extends Writable {
  #prelude: Buffer | undefined;
  #untaken = 0;
  #resume: (() => void) | undefined;
  readonly #send: (message: FromEnvironment) => void;

  constructor(send: (message: FromEnvironment) => void) {
    super({ highWaterMark: WINDOW_BYTES });
    this.#send = send;
  }

  /** Kept for functions that call it; the gateway reads the content type from the prelude's headers. */
  setContentType(_contentType: string): void {}

  /** Sets the status and headers, which are sent before the first byte of the body. */
  setPrelude(prelude: HttpPrelude): void {
    this.#prelude = Buffer.concat([Buffer.from(JSON.stringify(prelude)), PRELUDE_SEPARATOR]);
  }

  /** Reports that the reader has taken so many bytes. */
  taken(bytes: number): void {
    this.#untaken -= bytes;
    if (this.#untaken > WINDOW_BYTES) return;
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#sendPrelude();
    this.#sendChunk(chunk);
    if (this.#untaken > WINDOW_BYTES) this.#resume = done;
    else done();
  }

  override _final(done: () => void): void {
    this.#sendPrelude();
    this.#send({ type: 'ended' });
    done();
  }

  #sendPrelude(): void {
    if (this.#prelude) this.#sendChunk(this.#prelude);
    this.#prelude = undefined;
  }

  #sendChunk(data: Uint8Array): void {
    this.#untaken += data.byteLength;
    this.#send({ type: 'chunk', data });
  }
}

/** The global `awslambda` of Lambda's Node.js runtime. */
export const awslambda = {
  streamifyResponse: <Handler extends object>(handler: Handler): Handler =>
    Object.assign(handler, { [STREAMING_HANDLER]: true }),
  HttpResponseStream: {
    from: (stream: ResponseStream, prelude: HttpPrelude): ResponseStream => {
      stream.setPrelude(prelude);
      return stream;
    },
  },
};
