import type { RunListener } from '../../../lifecycle/outputs.ts';
import { makeOutput, type Output, tellStored } from '../../../openai/responses/output.ts';
import type { OutputEvent } from '../../../openai/responses/output-items.ts';
import { type AskedResponse, endStatusOf, responseOf } from '../../../openai/responses/response.ts';
import {
  beginEvents,
  endEvent,
  outputOptions,
  type ResponseEvent,
} from '../../../openai/responses/whole-response.ts';
import type { RunView } from '../../../runs/view.ts';
import { type EventStream, makeEventStream } from '../../event-stream.ts';
import type { Problem } from '../../problem.ts';
import { overflowOf, restarted } from '../../runs/problems.ts';
import type { RelayLimits } from '../../runs/relay.ts';
import type { AnswerRelay } from '../ended-answer.ts';
import { errorEvent, makeEncodeEvent } from './events.ts';

/** Something that the model told, as the events that it adds to an output. */
type Told = (output: Output) => OutputEvent[];

/**
 * The relay of one run of one generation. A retried generation is invisible as long as nothing of it was sent. After that
 * it ends the stream with an error, since the protocol cannot take a part back; the run itself goes on. The ids of items
 * are made of the run's, so output that comes before `begin` waits for it.
 */
export const makeResponseRelay = (
  { asked, includeObfuscation }: { asked: AskedResponse; includeObfuscation: boolean },
  limits: RelayLimits,
): AnswerRelay => {
  const hasOutput = Promise.withResolvers<undefined>();
  const encode = makeEncodeEvent({ includeObfuscation });
  let early: Told[] = [];
  let begun: { run: RunView; stream: EventStream; output: Output } | undefined;
  let isSent = false;

  const send = (event: ResponseEvent) => begun?.stream.send(encode(event));
  const tell = (told: Told) => {
    if (!begun) return early.push(told);
    const events = told(begun.output);
    isSent ||= events.length > 0;
    return events.forEach(send);
  };
  const newOutput = (run: RunView) => makeOutput(run.id, outputOptions(asked));
  const end = (event: ResponseEvent) => begun?.stream.end(encode(event));

  return {
    listener: {
      onChunk: (_index, chunk) => {
        if (chunk.text !== '') hasOutput.resolve(undefined);
        tell((output) => output.chunk(chunk));
      },
      onCall: (_index, call) => {
        hasOutput.resolve(undefined);
        tell((output) => output.call(call));
      },
      onReasoning: (_index, progress) => {
        hasOutput.resolve(undefined);
        tell((output) => output.reasoning(progress));
      },
      onRestart: () => {
        early = [];
        if (!begun) return;
        if (isSent) return end(errorEvent(restarted(begun.run)));
        begun.output = newOutput(begun.run);
      },
      // Clients wait for the end of an item, so it goes out before the run is saved and its usage is known.
      onFinish: (_index, { finishReason }) => tell((output) => output.end(endStatusOf(finishReason))),
      onGeneration: () => {},
    } satisfies RunListener,
    hasOutput: hasOutput.promise,
    begin: (run) => {
      const overflow = () => encode(errorEvent(overflowOf(run)));
      const stream = makeEventStream({ ...limits, overflow });
      begun = { run, stream, output: newOutput(run) };
      for (const event of beginEvents(run, asked)) send(event);
      for (const told of early.splice(0)) tell(told);
      return stream.body;
    },
    complete: (run) => {
      const [generation] = run.generations;
      if (!begun || !generation) return;
      if (!isSent) {
        begun.output = newOutput(run);
        for (const event of tellStored(begun.output, generation)) send(event);
      }
      // Another worker may have taken over the run and ended it with a different output.
      if (!begun.output.isWhole(generation)) return end(errorEvent(restarted(run)));
      for (const event of begun.output.end(endStatusOf(generation.finish_reason))) send(event);
      end(endEvent(responseOf(run, asked, begun.output.items())));
    },
    fail: (problem: Problem) => {
      const { run } = problem;
      const isOver = run?.status === 'failed' || run?.generations[0]?.status === 'failed';
      end(isOver && run ? endEvent(responseOf(run, asked)) : errorEvent(problem));
    },
  };
};
