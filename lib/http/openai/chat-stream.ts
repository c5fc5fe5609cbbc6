import type * as z from 'zod';
import type { RunListener } from '../../lifecycle/outputs.ts';
import { chatUsageOf, completionIdOf, createdOf, logprobsOf } from '../../openai/chat-completion.ts';
import type { TraceChunk } from '../../runs/generation.ts';
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
  /** Resolves once there is text to relay. */
  hasText: Promise<undefined>;
  /** Starts the stream with what the run has told already. */
  begin(run: RunView): ReadableStream<Uint8Array>;
  complete(run: RunView): void;
  fail(problem: Problem): void;
};

/**
 * The relay of one run. When the model's answer breaks off and is asked for again, that is not seen as long as no
 * text is out; after that it ends the stream with an error, since OpenAI's protocol cannot take text back. The run
 * goes on.
 */
export const makeChatRelay = ({
  includeUsage,
  ...limits
}: RelayLimits & { includeUsage: boolean }): ChatRelay => {
  const text = Promise.withResolvers<undefined>();
  let early: TraceChunk[] = [];
  let begun: { run: RunView; stream: EventStream; chunks: ChatChunks } | undefined;
  let isTextOut = false;
  let toldChars = 0;

  const tell = (chunk: TraceChunk) => {
    isTextOut = true;
    if (chunk.kind === undefined) toldChars += chunk.text.length;
    begun?.stream.send(begun.chunks.text(chunk));
  };
  const fail = (problem: Problem) => begun?.stream.end(begun.chunks.error(problem));

  return {
    listener: {
      onChunk: (_, chunk) => {
        if (!isToldInChat(chunk)) return;
        if (begun) tell(chunk);
        else early.push(chunk);
        text.resolve(undefined);
      },
      onRestart: () => {
        early = [];
        if (begun && isTextOut) fail(restarted(begun.run));
      },
      onGeneration: () => {},
    },
    hasText: text.promise,
    begin: (run) => {
      const chunks = makeChatChunks(run, { includeUsage });
      const stream = makeEventStream({ ...limits, overflow: () => chunks.error(overflowOf(run)) });
      begun = { run, stream, chunks };
      stream.send(chunks.first());
      for (const chunk of early.splice(0)) tell(chunk);
      return stream.body;
    },
    complete: (run) => {
      // A worker that took the run over may have ended it with a text of its own.
      const isTold = (run.generations[0]?.text?.length ?? 0) === toldChars;
      if (!isTold) return fail(restarted(run));
      begun?.stream.end(begun.chunks.end(run));
    },
    fail,
  };
};

const restarted = ({ id }: RunView): Problem =>
  makeProblem(
    'incomplete_output',
    `the output broke off, and what came so far is void; it is generated again: read /runs/${id} when it has ended`,
  );

type ChatChunk = z.infer<typeof chatChunkSchema>;
type Choice = ChatChunk['choices'][number];

type ChatChunks = {
  /** Says who speaks; it comes first. */
  first(): Uint8Array;
  text(chunk: TraceChunk): Uint8Array;
  /** All that follows the text: why it ended, the usage where it is asked for and known, `[DONE]`. */
  end(run: RunView): Uint8Array;
  /** Ends a stream that has no good end; nothing may follow. */
  error(problem: Problem): Uint8Array;
};

/** Whether a chunk is part of a chat completion: content, or a refusal. Reasoning and tool arguments are not. */
export const isToldInChat = ({ kind }: TraceChunk): boolean => kind === undefined || kind === 'refusal';

/**
 * The events of a run as OpenAI's `chat.completion.chunk`s. The model that answered is known at the end only: until
 * then they name the one that was asked.
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
  return {
    first: () => chunk(run.model, { role: 'assistant', content: '', refusal: null }, {}),
    text: (part) =>
      chunk(run.model, part.kind === 'refusal' ? { refusal: part.text } : { content: part.text }, {
        logprobs: logprobsOf([part]),
      }),
    end: ({ generations: [generation] }) => {
      if (!generation) throw new Error(`run ${run.id} has ended without a generation`);
      const { model, finish_reason } = generation;
      const usage = includeUsage ? chatUsageOf(generation) : undefined;
      return Buffer.concat([
        chunk(model, {}, { finish_reason }),
        ...(usage ? [encodeData({ ...head, model, choices: [], usage } satisfies ChatChunk)] : []),
        DONE,
      ]);
    },
    error: (problem) => encodeData(openaiErrorOf(problem)),
  };
};
