import type { TraceChunk } from '../../runs/generation.ts';
import type { RunView } from '../../runs/view.ts';
import { ENCRYPTED_REASONING } from '../../sampling/responses-fields.ts';
import { makeOutput, tellStored } from './output.ts';
import type { OutputEvent, OutputItem } from './output-items.ts';
import { type AskedResponse, endStatusOf, type ResponseAnswer, responseOf } from './response.ts';

/** An event of a streamed response, without its sequence number. */
export type ResponseEvent =
  | OutputEvent
  | {
      type:
        | 'response.created'
        | 'response.in_progress'
        | 'response.completed'
        | 'response.incomplete'
        | 'response.failed';
      response: ResponseAnswer;
    }
  | { type: 'error'; code: string | null; message: string; param: string | null };

export const outputOptions = (
  { response }: Pick<AskedResponse, 'response'>,
  more: readonly string[] = [],
) => ({
  showsEncrypted: [...(response?.include ?? []), ...more].includes(ENCRYPTED_REASONING),
});

/** The response that stands for a run, with the output of an ended one; `chunks` are those of its generation. */
export const wholeResponse = (
  run: RunView,
  asked: AskedResponse,
  { chunks, include = [] }: { chunks?: readonly TraceChunk[] | undefined; include?: readonly string[] } = {},
): ResponseAnswer => {
  const told = storedOutput(run, { chunks, options: outputOptions(asked, include) });
  for (const _ of told.events);
  return responseOf(run, asked, told.items());
};

/** The events of an ended run's response from the record, as they were streamed. */
export function* replayedEvents(
  run: RunView,
  asked: AskedResponse,
  chunks?: readonly TraceChunk[],
): Generator<ResponseEvent, undefined> {
  yield* beginEvents(run, asked);
  const told = storedOutput(run, { chunks, options: outputOptions(asked) });
  yield* told.events;
  yield endEvent(responseOf(run, asked, told.items()));
}

/** The first events of a stream. */
export const beginEvents = (run: RunView, asked: AskedResponse): ResponseEvent[] => {
  const usage = { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null };
  const begun: RunView = {
    ...run,
    status: 'generating',
    generations: [],
    usage,
    cost_usd: null,
    error: null,
  };
  const response = responseOf(begun, asked);
  return [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
  ];
};

/** The last event of a stream. */
export const endEvent = (response: ResponseAnswer): ResponseEvent => {
  const { status } = response;
  if (status === 'completed' || status === 'incomplete') return { type: `response.${status}`, response };
  return { type: 'response.failed', response };
};

const storedOutput = (
  run: RunView,
  { chunks, options }: { chunks: readonly TraceChunk[] | undefined; options: { showsEncrypted: boolean } },
): { events: Iterable<OutputEvent>; items: () => OutputItem[] } => {
  const [generation] = run.generations;
  if (generation?.status !== 'completed') return { events: [], items: () => [] };
  const output = makeOutput(run.id, options);
  return {
    events: (function* () {
      yield* tellStored(output, generation, chunks);
      yield* output.end(endStatusOf(generation.finish_reason));
    })(),
    items: output.items,
  };
};
