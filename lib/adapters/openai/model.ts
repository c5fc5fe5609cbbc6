import type OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';
import { IncompleteOutputError } from '../../errors.ts';
import { type Model, type ModelAnswer, type ModelRequest, withFigures } from '../../generate/model.ts';
import { ownTextsOf, reasoningTextsOf } from '../../runs/request.ts';
import { sentFieldsOf, streamedBody } from '../../sampling/chat-body.ts';
import { type ProcessReadings, type ReadDelayWatch, watchReadDelays } from '../../timing/read-delays.ts';
import { type AnswerReader, makeAnswerReader } from './answer-reader.ts';
import { watchDeadlines } from './attempt-deadlines.ts';
import { type ApiKey, type Dispatch, dispatch, makeOpenAIClient } from './client.ts';
import { errorOf, type SentRequest } from './errors.ts';
import { isBeforeWork, translateOpenAIError } from './translate-error.ts';

/** `provider` names the server in error messages for the operator; undefined for the default server. */
type OpenAIModelOptions = {
  clock: Clock;
  provider?: string | undefined;
  /** Bounds how long bytes waited to be read; without it the bounds are unknown. */
  readings?: ProcessReadings;
} & ({ client: OpenAI } | { apiKey: ApiKey; baseURL: string });

/** Added to the SDK's own timeout, so that it never fires before our deadlines. */
const SDK_SLACK_MS = 60_000;
/** How long to wait for the end of the response after `[DONE]`, so that the connection can be reused. */
const DRAIN_MS = 300;
/** How often the event loop is sampled before the first token: work of more than this long ago does not count for it. */
const SAMPLE_MS = 50;

/**
 * Implements the model port with the official SDK. The SDK sends the request; this reads the bytes itself, to set the
 * marks as they arrive. t0 is the instant at which `fetch` dispatches the request, before it looks for a connection; with
 * a `client` that uses another fetch, right before the SDK's call. After a 401 the key is read again, and the error is
 * retryable if the key has changed.
 *
 * @example
 * const model = makeOpenAIModel({ clock: systemClock, apiKey, baseURL: 'https://api.openai.com/v1' });
 * const { text, usage, marks } = await model.stream(request, { deadlines, signal });
 */
export const makeOpenAIModel = (options: OpenAIModelOptions): Model => {
  const { clock, readings = NO_READINGS } = options;
  const client = 'client' in options ? options.client : makeOpenAIClient(options);
  const apiKey = 'apiKey' in options ? options.apiKey : undefined;

  return {
    async stream(
      request,
      { deadlines, signal, onChunk, onCall, onReasoning, onFinish },
    ): Promise<ModelAnswer> {
      signal.throwIfAborted();
      const t0 = clock.monotonic();
      const delays = watchReadDelays(t0, readings);
      const sent: Dispatch = { clock, t0, connectMs: null, onSend: delays.sample };
      const texts = [
        ...request.messages.flatMap((message) => [...ownTextsOf(message), ...reasoningTextsOf(message)]),
        ...[request.body.suffix].filter((text) => typeof text === 'string'),
      ];
      const sentRequest: SentRequest = {
        // A server's message can repeat the key too. The key is read while the request is made, hence the getter.
        get secrets() {
          const key = typeof apiKey === 'string' ? apiKey : sent.apiKey;
          return key === undefined ? texts : [...texts, key];
        },
        provider: options.provider,
        endpoint: request.endpoint,
        fields: sentFieldsOf(request),
      };
      const abort = new AbortController();
      const stop = () => abort.abort(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      const sampling = setInterval(() => delays.sample(clock.monotonic()), SAMPLE_MS).unref();
      let reader: AnswerReader | undefined;
      let body: ReadableStreamDefaultReader<Uint8Array> | undefined;
      const watch = watchDeadlines(
        sent.t0,
        deadlines,
        {
          get firstTokenAt() {
            return reader?.marks.t1;
          },
          get lastEventAt() {
            return reader?.lastEventAt;
          },
        },
        clock,
        (error) => abort.abort(error),
      );
      try {
        const response = await dispatch(sent, () => send(client, request, abort.signal, deadlines.totalMs));
        const tH = clock.monotonic();
        body = bodyOf(response);
        reader = makeAnswerReader(sent.t0, {
          contentType: response.headers.get('content-type'),
          endpoint: request.endpoint,
          onChunk,
          onCall,
          onReasoning,
          onFinish: (finishReason, model) => onFinish?.({ finishReason, model: model ?? request.model }),
          onError: (refused, output) =>
            errorOf(refused, { ...sentRequest, secrets: [...sentRequest.secrets, output] }),
        });
        reader.marks.tH = tH;
        try {
          await readToEnd(body, { reader, clock, delays }, () => {
            clearInterval(sampling);
            watch.progressed();
          });
        } catch (error) {
          if (reader.finishReason === undefined || signal.aborted) throw error;
          // The text is complete and only the end of the stream is missing, so usage may be unknown.
          const end = clock.monotonic();
          reader.marks.tE ??= abort.signal.aborted ? (reader.lastEventAt ?? end) : end;
        }
        const failure = reader.failure(request.body);
        if (failure) throw failure;
        const answer = reader.answer(request.model);
        return { ...answer, connectMs: sent.connectMs, readDelays: delays.delays(answer.marks) };
      } catch (caught) {
        signal.throwIfAborted();
        const end = clock.monotonic();
        const t1 = reader?.marks.t1;
        const error = abort.signal.aborted ? abort.signal.reason : caught;
        const figures = {
          ttftMs: t1 === undefined ? null : t1 - sent.t0,
          e2eMs: end - sent.t0,
          mayBeBilled: t1 !== undefined || !isBeforeWork(error),
        };
        throw withFigures(
          await translateOpenAIError(error, {
            client,
            model: request.model,
            sentRequest,
            clock,
            signal,
            apiKey,
            usedKey: sent.apiKey,
          }),
          figures,
        );
      } finally {
        clearInterval(sampling);
        watch.stop();
        signal.removeEventListener('abort', stop);
        if (body) release(body, reader?.done ?? false);
      }
    },
  };
};

const NO_READINGS: ProcessReadings = { idleMs: () => 0, cpuWaitMs: () => null };

const send = (
  client: OpenAI,
  request: ModelRequest,
  signal: AbortSignal,
  totalMs: number,
): Promise<Response> => {
  const options = { signal, maxRetries: 0, timeout: Math.ceil(totalMs) + SDK_SLACK_MS };
  const body: object = streamedBody(request, client.baseURL);
  switch (request.endpoint) {
    case 'completions':
      return client.completions.create(body as OpenAI.CompletionCreateParamsStreaming, options).asResponse();
    case 'responses':
      return client.responses
        .create(body as OpenAI.Responses.ResponseCreateParamsStreaming, options)
        .asResponse();
    default:
      return client.chat.completions
        .create(body as OpenAI.ChatCompletionCreateParamsStreaming, options)
        .asResponse();
  }
};

const bodyOf = ({ body }: Response): ReadableStreamDefaultReader<Uint8Array> => {
  if (body) return body.getReader();
  throw new IncompleteOutputError('the model server answered with nothing instead of an event stream');
};

const readToEnd = async (
  body: ReadableStreamDefaultReader<Uint8Array>,
  { reader, clock, delays }: { reader: AnswerReader; clock: Clock; delays: ReadDelayWatch },
  onFirstToken: () => void,
): Promise<void> => {
  const { marks } = reader;
  while (!reader.done) {
    const { done, value } = await body.read();
    const now = clock.monotonic();
    delays.read(now);
    if (done) {
      marks.tE = now;
      reader.end();
      delays.bound(marks);
      return;
    }
    const waiting = marks.t1 === undefined;
    const isUnfinished = reader.finishReason === undefined;
    reader.feed(value, now);
    delays.bound(marks);
    if (isUnfinished && reader.finishReason !== undefined) delays.sample(now);
    if (waiting && marks.t1 !== undefined) onFirstToken();
  }
};

/** Frees the socket: returns it to the pool after a stream that was read to `[DONE]`, and closes it after any other. */
const release = (body: ReadableStreamDefaultReader<Uint8Array>, readToDone: boolean): void => {
  const cancel = () => body.cancel().catch(() => {});
  if (!readToDone) {
    void cancel();
    return;
  }
  const timer = setTimeout(cancel, DRAIN_MS).unref();
  const drain = async (): Promise<void> => {
    while (!(await body.read()).done);
  };
  void drain()
    .catch(() => {})
    .finally(() => clearTimeout(timer));
};
