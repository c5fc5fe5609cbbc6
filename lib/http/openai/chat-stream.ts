import type { Finish } from '../../generate/model.ts';
import type { Generation, TraceChunk } from '../../runs/generation.ts';
import type { BegunCall } from '../../runs/tool-call.ts';
import type { RunView } from '../../runs/view.ts';
import { type EventStream, makeEventStream } from '../event-stream.ts';
import type { Problem } from '../problem.ts';
import { overflowOf, restarted } from '../runs/problems.ts';
import type { RelayLimits } from '../runs/relay.ts';
import type { ChatChunks, makeChatChunks } from './chat-chunks.ts';
import type { AnswerOptions } from './chat-request.ts';
import { type ChoicePart, makeChoiceDeltas } from './choice-deltas.ts';
import type { AnswerRelay } from './ended-answer.ts';

/**
 * The relay of one run with a generation for each choice, interleaved as they come. A retried generation is invisible as long as
 * nothing of it was sent. After that it ends the stream with an error, since OpenAI's protocol cannot take a part back;
 * the run itself goes on.
 */
export const makeChatRelay = (
  request: AnswerOptions & { count: number },
  limits: RelayLimits,
  chunksOf: typeof makeChatChunks,
): AnswerRelay => {
  const output = Promise.withResolvers<undefined>();
  const choices = Array.from({ length: request.count }, (_, index) => makeChoiceRelay(index, request));
  let begun: { run: RunView; stream: EventStream; chunks: ChatChunks } | undefined;

  const fail = (problem: Problem) => begun?.stream.end(begun.chunks.error(problem));

  return {
    listener: {
      onChunk: (index, chunk) => {
        if (choices[index]?.text(chunk)) output.resolve(undefined);
      },
      onCall: (index, call) => {
        if (choices[index]?.call(call)) output.resolve(undefined);
      },
      onRestart: (index) => {
        if (choices[index]?.restart() && begun) fail(restarted(begun.run));
      },
      onFinish: (index, finish) => choices[index]?.finish(finish),
      onGeneration: () => {},
    },
    hasOutput: output.promise,
    begin: (run) => {
      const chunks = chunksOf(run, request);
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
  /** Takes a chunk, or a call of a tool that begins; returns whether the choice shows it. */
  text(chunk: TraceChunk): boolean;
  call(begun: BegunCall): boolean;
  /** Discards what was not sent yet; returns whether something was. */
  restart(): boolean;
  finish(finish: Finish): void;
  begin(stream: EventStream, chunks: ChatChunks): void;
  /** The events that are missing after the commit; undefined if the committed output is not the one that was sent. */
  end(committed: Generation | undefined): Uint8Array[] | undefined;
};

const makeChoiceRelay = (index: number, request: AnswerOptions): ChoiceRelay => {
  let begun: { stream: EventStream; chunks: ChatChunks } | undefined;
  let deltas = makeChoiceDeltas(request);
  let early: ChoicePart[] = [];
  let isSent = false;
  let finish: Finish | undefined;
  let isFinishSent = false;

  const add = (part: ChoicePart | undefined): boolean => {
    if (!part) return false;
    if (begun) {
      isSent = true;
      begun.stream.send(begun.chunks.part(index, part));
    } else early.push(part);
    return true;
  };
  /** Clients wait for the finish reason, so it goes out before the run is saved and its usage is known. */
  const sendFinish = () => {
    if (!begun || !finish || !isSent || isFinishSent) return;
    isFinishSent = true;
    begun.stream.send(begun.chunks.finish(index, finish));
  };
  return {
    text: (chunk) => add(deltas.text(chunk)),
    call: (call) => add(deltas.call(call)),
    restart: () => {
      deltas = makeChoiceDeltas(request);
      early = [];
      finish = undefined;
      return isSent;
    },
    finish: (end) => {
      finish = end;
      sendFinish();
    },
    begin: (stream, chunks) => {
      begun = { stream, chunks };
      stream.send(chunks.first(index, early[0]));
      for (const part of early.splice(0)) add(part);
      sendFinish();
    },
    end: (committed) => {
      // Another worker may have taken over the run and ended it with a different output.
      if (!begun || !committed || !deltas.isWhole(committed)) return undefined;
      if (isFinishSent) return [];
      const { model, finish_reason: finishReason } = committed;
      return [begun.chunks.finish(index, { model, finishReason })];
    },
  };
};
