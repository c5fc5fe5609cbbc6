import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LanguageModel } from '../model/language-model.ts';
import { type CompletionPlan, type StartedCall, usageOf, type WholeChoice } from './completion-format.ts';
import type { EmissionLog } from './emissions.ts';
import type { GenerationRequest } from './generation-request.ts';
import { CHAT_MODEL } from './models.ts';
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

type Started = { choices: Choice[]; turnOf: (token: number) => Promise<unknown>; head: object; id: string };

const start = async (
  { request, plan, model, pace, arrivalMs, signal }: CompletionCall,
  object: string,
): Promise<Started> => {
  const created = Math.floor(Date.now() / 1000);
  const starts = await Promise.all(
    plan.prompts.map(async ({ subject, continued }) => ({
      predict: await model.predictFor(subject),
      context: model.contextOf(continued),
    })),
  );
  const id = `${plan.format.idPrefix}${randomUUID().replaceAll('-', '')}`;
  return {
    id,
    choices: choicesOf(model, request, starts, plan),
    turnOf: makePacer(arrivalMs, request.pace ?? pace, signal),
    head: {
      id,
      object,
      created,
      model: CHAT_MODEL,
      system_fingerprint: model.fingerprint,
      ...plan.format.head,
    },
  };
};

/** Makes the answer as one JSON body. It takes as long as a stream would have taken. */
export const completeWhole = async (call: CompletionCall): Promise<object> => {
  const { plan, emissions, arrivalMs } = call;
  const { choices, turnOf, head, id } = await start(call, plan.format.object);
  const { writes } = emissions.open(id, arrivalMs);
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
      else choice.calls[call] = { ...started, arguments: (choice.calls[call]?.arguments ?? '') + text };
    },
    finish(index, reason) {
      const choice = done[index];
      if (choice) choice.finish = reason;
    },
    drained: async () => undefined,
  });
  const answer = {
    ...head,
    choices: done.map(plan.format.whole),
    usage: usageOf(plan.promptTokens, sampled),
  };
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
 * Sends the answer as server-sent events: one chunk per token, or per several tokens when they make up one character or
 * may be part of a stop string.
 */
export const completeStreamed = async (call: CompletionCall, response: ServerResponse): Promise<void> => {
  const { request, plan, emissions, arrivalMs, signal } = call;
  const { format } = plan;
  const { choices, turnOf, head, id } = await start(call, format.chunkObject);
  const { writes } = emissions.open(id, arrivalMs);
  const event = (chunkChoices: object[], usage: object | null): string => {
    const chunk = { ...head, choices: chunkChoices, ...(request.includeUsage ? { usage } : {}) };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  };
  // As in vLLM, a chunk's usage counts its own choice only; the final usage chunk counts all choices.
  const sent = new Map<number, number>();
  const usageSoFar = (index: number) =>
    request.continuousUsage ? usageOf(plan.promptTokens, sent.get(index) ?? 0) : null;
  const opened = new Set<StartedCall>();
  const openCall = ({ index, calls }: Choice, at: number | undefined): void => {
    const call = at === undefined ? undefined : calls[at];
    if (at === undefined || call === undefined || opened.has(call)) return;
    opened.add(call);
    response.write(event([format.callOpening(index, at, call)], usageSoFar(index)));
  };
  const sink: ChoiceSink = {
    content(choice, step) {
      const { index } = choice;
      const { tokens } = step;
      openCall(choice, step.call);
      sent.set(index, (sent.get(index) ?? 0) + tokens.length);
      const piece = event([format.piece(index, step)], usageSoFar(index));
      writes.push({ t_ms: monotonicMs(), index, tokens: tokens.length });
      response.write(piece);
      response.socket?.uncork(); // Node corks the socket until the next tick, after the next token is computed
    },
    finish: (index, reason) => void response.write(event([format.closing(index, reason)], usageSoFar(index))),
    async drained() {
      if (response.writableNeedDrain) await once(response, 'drain', { signal });
    },
  };

  response.writeHead(200, STREAM_HEADERS);
  for (const { index } of choices) {
    const opening = format.opening(index);
    if (opening) response.write(event([opening], usageSoFar(index)));
  }
  response.flushHeaders();
  const sampled = await runChoices(choices, turnOf, sink);
  if (request.includeUsage) response.write(event([], usageOf(plan.promptTokens, sampled)));
  response.end('data: [DONE]\n\n');
};
