import { type Deadlines, type Model, type ModelRequest, withFigures } from '../../../lib/generate/model.ts';
import type { TraceChunk } from '../../../lib/runs/generation.ts';

/** A clock that moves only by `pass`. */
export const makeFakeClock = (now = Date.parse('2026-11-22T12:00:00Z'), monotonic = 50_000) => {
  let passed = 0;
  return {
    now: () => now + passed,
    monotonic: () => monotonic + passed,
    pass: (ms: number) => {
      passed += ms;
    },
  };
};

/** One attempt: streams the texts, the first after 100 ms and the others 10 ms apart, then ends or fails. */
export type Turn = { texts: string[]; error?: Error | ((request: ModelRequest) => Error | undefined) };

/**
 * A model in memory: one turn per attempt, the last one for all further attempts. It fulfils the port's contract:
 * chunks in order, figures attached to errors, rejection with the signal's reason.
 */
export const makeMemoryModel = (turns: Turn[], clock: ReturnType<typeof makeFakeClock>) => {
  const asked: { request: ModelRequest; deadlines: Deadlines }[] = [];
  const model: Model = {
    async stream(request, { deadlines, signal, onChunk }) {
      const turn = turns[Math.min(asked.length, turns.length - 1)] ?? { texts: [] };
      asked.push({ request, deadlines });
      const t0 = clock.monotonic();
      const chunks: TraceChunk[] = [];
      for (const [at, text] of turn.texts.entries()) {
        clock.pass(at === 0 ? 100 : 10);
        const chunk = { t_ms: clock.monotonic() - t0, text, tokens: null };
        chunks.push(chunk);
        onChunk?.(chunk, t0);
        signal.throwIfAborted();
      }
      clock.pass(5);
      const e2eMs = clock.monotonic() - t0;
      const error = typeof turn.error === 'function' ? turn.error(request) : turn.error;
      if (error)
        throw withFigures(error, { ttftMs: chunks[0]?.t_ms ?? null, e2eMs, mayBeBilled: chunks.length > 0 });
      const first = chunks[0] === undefined ? {} : { t1: t0 + chunks[0].t_ms, tO: t0 + chunks[0].t_ms };
      const last = chunks.at(-1);
      return {
        completionId: 'chatcmpl-7',
        model: 'answering-model',
        text: turn.texts.join(''),
        toolCalls: [],
        finishReason: 'stop',
        usage: {
          prompt_tokens: 9,
          completion_tokens: turn.texts.length,
          reasoning_tokens: 0,
          cached_tokens: 0,
        },
        marks: {
          t0,
          tH: t0 + 50,
          tR: t0 + 60,
          ...first,
          ...(last ? { tL: t0 + last.t_ms } : {}),
          tE: t0 + e2eMs,
        },
        chunks,
        connectMs: 3,
        readDelays: null,
        warnings: [],
      };
    },
  };
  return { model, asked };
};
