import type * as z from 'zod';
import type { Finish } from '../../generate/model.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import { chatUsageOf, completionIdOf, createdOf, logprobsOf } from '../../openai/chat-completion.ts';
import type { Generation, TraceChunk } from '../../runs/generation.ts';
import type { RunView } from '../../runs/view.ts';
import { DONE, type EventStream, encodeData, makeEventStream } from '../event-stream.ts';
import { makeProblem, type Problem } from '../problem.ts';
import { overflowOf } from '../runs/problems.ts';
import type { RelayLimits } from '../runs/relay.ts';
import type { chatChunkSchema } from './chat-schemas.ts';
import { openaiErrorOf } from './openai-error.ts';

/** Relays a run of one generation to a client of OpenAI's API. */
export type ChatRelay = {
  listener: RunListener;
  /** Resolves at the first text to relay. */
  hasText: Promise<undefined>;
  /** Starts the stream, with any earlier text of the run. */
  begin(run: RunView): ReadableStream<Uint8Array>;
  complete(run: RunView): void;
  fail(problem: Problem): void;
};

/**
 * The relay of one run. A retried generation is invisible as long as no text was sent. After that it ends the stream
 * with an error, since OpenAI's protocol cannot take text back; the run itself goes on.
 */
export const makeChatRelay = ({
  includeUsage,
  ...limits
}: RelayLimits & { includeUsage: boolean }): ChatRelay => {
  const text = Promise.withResolvers<undefined>();
  let early: TraceChunk[] = [];
  let begun: { run: RunView; stream: EventStream; chunks: ChatChunks } | undefined;
  let isTextSent = false;
  let sentChars = 0;
  let finish: Finish | undefined;
  let isFinishSent = false;

  const send = (chunk: TraceChunk) => {
    isTextSent = true;
    if (chunk.kind === undefined) sentChars += chunk.text.length;
    begun?.stream.send(begun.chunks.text(chunk));
  };
  /** Clients wait for the finish reason, so it goes out before the run is saved and its usage is known. */
  const sendFinish = () => {
    if (!begun || !finish || !isTextSent || isFinishSent) return;
    isFinishSent = true;
    begun.stream.send(begun.chunks.finish(finish));
  };
  const fail = (problem: Problem) => begun?.stream.end(begun.chunks.error(problem));

  return {
    listener: {
      onChunk: (_, chunk) => {
        if (!isChatChunk(chunk)) return;
        if (begun) send(chunk);
        else early.push(chunk);
        text.resolve(undefined);
      },
      onRestart: () => {
        early = [];
        finish = undefined;
        if (begun && isTextSent) fail(restarted(begun.run));
      },
      onFinish: (_, end) => {
        finish = end;
        sendFinish();
      },
      onGeneration: () => {},
    },
    hasText: text.promise,
    begin: (run) => {
      const chunks = makeChatChunks(run, { includeUsage });
      const stream = makeEventStream({ ...limits, overflow: () => chunks.error(overflowOf(run)) });
      begun = { run, stream, chunks };
      stream.send(chunks.first());
      for (const chunk of early.splice(0)) send(chunk);
      sendFinish();
      return stream.body;
    },
    complete: (run) => {
      // Another worker may have taken over the run and ended it with a different text.
      const isWhole = (run.generations[0]?.text?.length ?? 0) === sentChars;
      if (!isWhole) return fail(restarted(run));
      begun?.stream.end(isFinishSent ? begun.chunks.tail(run) : begun.chunks.end(run));
    },
    fail,
  };
};

const restarted = ({ id }: RunView): Problem =>
  makeProblem(
    'incomplete_output',
    `the output broke off and is generated again; discard the text so far and read it later at /runs/${id}`,
  );

type ChatChunk = z.infer<typeof chatChunkSchema>;
type Choice = ChatChunk['choices'][number];

type ChatChunks = {
  /** The first event, with the role. */
  first(): Uint8Array;
  text(chunk: TraceChunk): Uint8Array;
  finish(finish: Finish): Uint8Array;
  /** The events after the finish reason: usage if requested and known, `[DONE]`. */
  tail(run: RunView): Uint8Array;
  /** The events after the text: `finish` as the run has it, then `tail`. */
  end(run: RunView): Uint8Array;
  /** The last event of a stream that fails. */
  error(problem: Problem): Uint8Array;
};

/** Whether a chunk is part of a chat completion: content or a refusal, not reasoning or tool arguments. */
export const isChatChunk = ({ kind }: TraceChunk): boolean => kind === undefined || kind === 'refusal';

/**
 * The events of a run as OpenAI's `chat.completion.chunk` objects. Events before the finish reason name the requested
 * model, since the model that answered is known only at the end.
 */
export const makeChatChunks = (run: RunView, { includeUsage }: { includeUsage: boolean }): ChatChunks => {
  const head = { id: completionIdOf(run), object: 'chat.completion.chunk' as const, created: createdOf(run) };
  const noUsage = includeUsage ? { usage: null } : {};
  const chunk = (model: string, delta: Choice['delta'], more: Partial<Choice>): Uint8Array =>
    encodeData({
      ...head,
      model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...more }],
      ...noUsage,
    } satisfies ChatChunk);
  const finish = (model: string, reason: string | null) => chunk(model, {}, { finish_reason: reason });
  const tail = (generation: Generation) => {
    const usage = includeUsage ? chatUsageOf(generation) : undefined;
    const { model } = generation;
    return Buffer.concat([
      ...(usage ? [encodeData({ ...head, model, choices: [], usage } satisfies ChatChunk)] : []),
      DONE,
    ]);
  };
  return {
    first: () => chunk(run.model, { role: 'assistant', content: '', refusal: null }, {}),
    text: (part) =>
      chunk(run.model, part.kind === 'refusal' ? { refusal: part.text } : { content: part.text }, {
        logprobs: logprobsOf([part]),
      }),
    finish: ({ model, finishReason }) => finish(model, finishReason),
    tail: (ended) => tail(onlyGeneration(ended)),
    end: (ended) => {
      const generation = onlyGeneration(ended);
      return Buffer.concat([finish(generation.model, generation.finish_reason), tail(generation)]);
    },
    error: (problem) => encodeData(openaiErrorOf(problem)),
  };
};

const onlyGeneration = ({ id, generations: [generation] }: RunView): Generation => {
  if (!generation) throw new Error(`run ${id} has ended without a generation`);
  return generation;
};
