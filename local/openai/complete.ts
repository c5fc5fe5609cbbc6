import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LanguageModel } from '../model/language-model.ts';
import type { CompletionPlan, Head, WholeChoice } from './completion-format.ts';
import type { EmissionLog } from './emissions.ts';
import type { GenerationRequest } from './generation-request.ts';
import { makePacer, monotonicMs } from './pace.ts';
import { type Choice, type ChoiceSink, choicesOf, runChoices } from './run-choices.ts';

export type CompletionCall = {
  request: GenerationRequest;
  plan: CompletionPlan;
  model: LanguageModel;
  emissions: EmissionLog;
  /** The server's pace in tokens per second, for a request without its own. */
  pace: number;
  arrivalMs: number;
  /** Aborted when the client disconnects. */
  signal: AbortSignal;
};

type Started = { choices: Choice[]; turnOf: (token: number) => Promise<unknown>; head: Head };

const start = async ({ request, plan, model, pace, arrivalMs, signal }: CompletionCall): Promise<Started> => {
  const created = Math.floor(Date.now() / 1000);
  const starts = await Promise.all(
    plan.prompts.map(async ({ subject, continued }) => ({
      predict: await model.predictFor(subject),
      context: model.contextOf(continued),
    })),
  );
  const id = `${plan.format.idPrefix}${randomUUID().replaceAll('-', '')}`;
  return {
    choices: choicesOf(model, request, starts, plan),
    turnOf: makePacer(arrivalMs, request.pace ?? pace, signal),
    head: { id, created, fingerprint: model.fingerprint },
  };
};

/** Makes the answer as one JSON body. It takes as long as a stream would have taken. */
export const completeWhole = async (call: CompletionCall): Promise<object> => {
  const { plan, emissions, arrivalMs } = call;
  const { choices, turnOf, head } = await start(call);
  const { writes } = emissions.open(head.id, arrivalMs);
  const done: WholeChoice[] = choices.map(({ index }) => ({
    index,
    text: '',
    calls: [],
    tokens: [],
    finish: 'length',
  }));
  const sampled = await runChoices(choices, turnOf, {
    content({ index, calls }, { text, tokens, call }) {
      const choice = done[index];
      if (choice === undefined) return;
      choice.tokens.push(...tokens);
      const started = call === undefined ? undefined : calls[call];
      if (call === undefined || started === undefined) choice.text += text;
      else choice.calls[call] = { ...started, input: (choice.calls[call]?.input ?? '') + text };
    },
    finish({ index }, reason) {
      const choice = done[index];
      if (choice) choice.finish = reason;
    },
    drained: async () => undefined,
  });
  const answer = plan.format.whole(head, done, sampled);
  const now = monotonicMs();
  for (const { index, tokens } of done) writes.push({ t_ms: now, index, tokens: tokens.length });
  return answer;
};

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

/**
 * Sends the answer as server-sent events: one event per token, or per several tokens when they make up one character or
 * may be part of a stop string.
 */
export const completeStreamed = async (call: CompletionCall, response: ServerResponse): Promise<void> => {
  const { plan, emissions, arrivalMs, signal } = call;
  const { choices, turnOf, head } = await start(call);
  const { writes } = emissions.open(head.id, arrivalMs);
  const events = plan.format.stream(head);
  const sink: ChoiceSink = {
    content(choice, step) {
      const { before, piece } = events.piece(choice, step);
      if (before !== '') response.write(before);
      writes.push({ t_ms: monotonicMs(), index: choice.index, tokens: step.tokens.length });
      response.write(piece);
      response.socket?.uncork(); // Node corks the socket until the next tick, after the next token is computed
    },
    finish: (choice, reason) => void response.write(events.close(choice, reason)),
    async drained() {
      if (response.writableNeedDrain) await once(response, 'drain', { signal });
    },
  };

  response.writeHead(200, STREAM_HEADERS);
  const opening = events.open(choices);
  if (opening !== '') response.write(opening);
  response.flushHeaders();
  const sampled = await runChoices(choices, turnOf, sink);
  response.end(events.end(sampled));
};
