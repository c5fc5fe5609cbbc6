import type { Finish } from '../../generate/model.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { Generation, TraceChunk } from '../../runs/generation.ts';
import type { RunView } from '../../runs/view.ts';
import { type EventStream, makeEventStream } from '../event-stream.ts';
import { makeProblem, type Problem } from '../problem.ts';
import { overflowOf } from '../runs/problems.ts';
import type { RelayLimits } from '../runs/relay.ts';
import { type ChatChunks, isChatChunk, makeChatChunks } from './chat-chunks.ts';
import type { AnswerOptions } from './chat-request.ts';

/** Relays a run to a client of OpenAI's API, each generation as a choice. */
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
 * The relay of one run with a generation for each choice, interleaved as they come. A retried generation is invisible as long as
 * none of its text was sent. After that it ends the stream with an error, since OpenAI's protocol cannot take text
 * back; the run itself goes on.
 */
export const makeChatRelay = (request: AnswerOptions & { count: number }, limits: RelayLimits): ChatRelay => {
  const text = Promise.withResolvers<undefined>();
  const choices = Array.from({ length: request.count }, (_, index) => makeChoiceRelay(index));
  let begun: { run: RunView; stream: EventStream; chunks: ChatChunks } | undefined;

  const fail = (problem: Problem) => begun?.stream.end(begun.chunks.error(problem));

  return {
    listener: {
      onChunk: (index, chunk) => {
        if (!isChatChunk(chunk)) return;
        choices[index]?.add(chunk);
        text.resolve(undefined);
      },
      onRestart: (index) => {
        if (choices[index]?.restart() === 'text_was_sent' && begun) fail(restarted(begun.run));
      },
      onFinish: (index, finish) => choices[index]?.finish(finish),
      onGeneration: () => {},
    },
    hasText: text.promise,
    begin: (run) => {
      const chunks = makeChatChunks(run, request);
      const stream = makeEventStream({ ...limits, overflow: () => chunks.error(overflowOf(run)) });
      begun = { run, stream, chunks };
      for (const choice of choices) choice.begin(stream, chunks);
      return stream.body;
    },
    complete: (run) => {
      if (!begun) return;
      const ended = choices.map((choice, index) => choice.end(run.generations[index]));
      if (ended.some((last) => last === undefined)) return fail(restarted(run));
      begun.stream.end(Buffer.concat([...ended.flatMap((last) => last ?? []), begun.chunks.tail(run)]));
    },
    fail,
  };
};

type ChoiceRelay = {
  add(chunk: TraceChunk): void;
  /** Discards what was not sent yet. */
  restart(): 'nothing_was_sent' | 'text_was_sent';
  finish(finish: Finish): void;
  begin(stream: EventStream, chunks: ChatChunks): void;
  /** The events that are missing after the commit; undefined if the committed text is not the one that was sent. */
  end(committed: Generation | undefined): Uint8Array[] | undefined;
};

const makeChoiceRelay = (index: number): ChoiceRelay => {
  let begun: { stream: EventStream; chunks: ChatChunks } | undefined;
  let early: TraceChunk[] = [];
  let isTextSent = false;
  let sentChars = 0;
  let finish: Finish | undefined;
  let isFinishSent = false;

  const add = (chunk: TraceChunk) => {
    if (!begun) return void early.push(chunk);
    isTextSent = true;
    if (chunk.kind === undefined) sentChars += chunk.text.length;
    begun.stream.send(begun.chunks.text(index, chunk));
  };
  /** Clients wait for the finish reason, so it goes out before the run is saved and its usage is known. */
  const sendFinish = () => {
    if (!begun || !finish || !isTextSent || isFinishSent) return;
    isFinishSent = true;
    begun.stream.send(begun.chunks.finish(index, finish));
  };
  return {
    add,
    restart: () => {
      early = [];
      finish = undefined;
      return isTextSent ? 'text_was_sent' : 'nothing_was_sent';
    },
    finish: (end) => {
      finish = end;
      sendFinish();
    },
    begin: (stream, chunks) => {
      begun = { stream, chunks };
      stream.send(chunks.first(index));
      for (const chunk of early.splice(0)) add(chunk);
      sendFinish();
    },
    end: (committed) => {
      // Another worker may have taken over the run and ended it with a different text.
      if (!begun || !committed || (committed.text?.length ?? 0) !== sentChars) return undefined;
      return isFinishSent
        ? []
        : [begun.chunks.finish(index, { model: committed.model, finishReason: committed.finish_reason })];
    },
  };
};

const restarted = ({ id }: RunView): Problem =>
  makeProblem(
    'incomplete_output',
    `the output broke off and is generated again; discard the text so far and read it later at /runs/${id}`,
  );
