import { Worker } from 'node:worker_threads';

export type EncoderJob = { id: number; text: string };
export type EncoderAnswer = { id: number; vector: Float32Array } | { id: number; error: string };

/** The number of values in an embedding of the Universal Sentence Encoder. */
export const ENCODER_DIMENSIONS = 512;

type EmbedOptions = {
  /** Goes before all that is not urgent: for a prompt, whose client waits for the first token. */
  urgent?: boolean;
  /** Cancels the windows that have not started; `embed` rejects with the signal's reason. */
  signal?: AbortSignal;
};

/**
 * The sentence encoder in a thread of its own, since it blocks for up to 100 ms per window. `embed` resolves to 512
 * values of length 1; the vector of a long text is the normalised mean of its windows. It rejects for an empty text,
 * when the signal is aborted, and once the thread has ended.
 */
export type Encoder = {
  embed(text: string, options?: EmbedOptions): Promise<Float32Array>;
  close(): Promise<void>;
};

type Waiting = EncoderJob & {
  signal: AbortSignal | undefined;
  resolve(vector: Float32Array): void;
  reject(error: unknown): void;
};

/** Characters that the encoder takes into account. It ignores text beyond some 450. */
export const WINDOW_LENGTH = 450;

/** The end of a window: at the last white space in its second half, else at its length, outside surrogate pairs. */
const cutBefore = (text: string, from: number): number => {
  const end = from + WINDOW_LENGTH;
  for (let at = end; at > from + WINDOW_LENGTH / 2; at--) {
    if (/\s/.test(text.charAt(at))) return at;
  }
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return splitsPair ? end - 1 : end;
};

/** Cuts a text into pieces of at most 450 characters, between words if possible. Joined, they are the text. */
export const windowsOf = (text: string): string[] => {
  const windows: string[] = [];
  let from = 0;
  while (text.length - from > WINDOW_LENGTH) {
    const to = cutBefore(text, from);
    windows.push(text.slice(from, to));
    from = to;
  }
  windows.push(text.slice(from));
  return windows;
};

/** The sum of the vectors, scaled to length 1. */
export const normalisedMean = (vectors: readonly Float32Array[]): Float32Array => {
  const mean = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors)
    for (const [at, value] of vector.entries()) mean[at] = (mean[at] ?? 0) + value;
  const length = Math.hypot(...mean);
  return length === 0 ? mean : mean.map((value) => value / length);
};

/** Makes a queue that sends windows to the thread one at a time. Urgent ones go first and wait for one at most. */
const makeQueue = (worker: Worker) => {
  const urgent: Waiting[] = [];
  const normal: Waiting[] = [];
  let current: Waiting | undefined;
  let broken: Error | undefined;
  let lastId = 0;

  /** The next window whose signal is not aborted. */
  const takeNext = (): Waiting | undefined => {
    for (;;) {
      const waiting = urgent.shift() ?? normal.shift();
      if (!waiting?.signal?.aborted) return waiting;
      waiting.reject(waiting.signal.reason);
    }
  };
  const sendNext = (): void => {
    current ??= takeNext();
    if (current) worker.postMessage({ id: current.id, text: current.text } satisfies EncoderJob);
  };
  const failAll = (error: Error): void => {
    broken ??= error;
    for (const waiting of [current, ...urgent.splice(0), ...normal.splice(0)]) waiting?.reject(broken);
    current = undefined;
  };

  worker.on('message', (answer: EncoderAnswer) => {
    const answered = current;
    current = undefined;
    if (answered && 'vector' in answer) answered.resolve(answer.vector);
    else if (answered && 'error' in answer) answered.reject(new Error(answer.error));
    sendNext();
  });
  worker.on('error', (error) => failAll(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => failAll(new Error('The encoder has stopped.')));

  return (text: string, options: EmbedOptions): Promise<Float32Array> =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken);
      lastId += 1;
      (options.urgent ? urgent : normal).push({ id: lastId, text, signal: options.signal, resolve, reject });
      if (current === undefined) sendNext();
    });
};

/** Starts the encoder and returns at once. It loads in the background; the first calls wait for that. */
export const startEncoder = (): Encoder => {
  const worker = new Worker(new URL('./encoder-worker.ts', import.meta.url));
  const embedWindow = makeQueue(worker);
  return {
    async embed(text, options = {}) {
      if (text === '') throw new RangeError('An empty text has no embedding.');
      return normalisedMean(await Promise.all(windowsOf(text).map((window) => embedWindow(window, options))));
    },
    async close() {
      await worker.terminate();
    },
  };
};
