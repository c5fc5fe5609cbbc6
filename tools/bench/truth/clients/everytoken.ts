import { makeOpenAIModel } from '../../../../lib/adapters/openai/model.ts';
import { systemClock, systemReadings } from '../../../../lib/adapters/system.ts';
import { DEFAULT_RETRY_POLICY } from '../../../../lib/generate/retry-policy.ts';
import type { Endpoint } from '../../../../lib/sampling/setting.ts';
import { figuresOf } from '../../../../lib/timing/figures.ts';
import { monotonicMs } from '../../../../local/openai/pace.ts';
import type { Arrival, MakeClient, Reported } from '../reported.ts';
import type { Scenario } from '../stream-plan.ts';

/**
 * everytoken's model port with the figures that `generate` computes from it. The first row counts from everytoken's own
 * t0, when `fetch` dispatches the request. The second counts TTFT from the call, so it includes the SDK's work on the
 * request.
 */
export const makeClient: MakeClient = (baseURL) => {
  const ask = makeAsk(baseURL);
  return async ({ scenario, key }) => {
    const t0 = monotonicMs();
    const reported = await ask({ scenario, key });
    return [
      { row: 'everytoken', ...reported },
      { ...reported, row: 'everytoken, call', t0, tpotMs: null, arrivals: null },
    ];
  };
};

/** Asks for one stream by the model port; `endpoint` as of a model's request. */
export const makeAsk = (baseURL: string, endpoint?: Endpoint) => {
  const model = makeOpenAIModel({
    apiKey: 'bench',
    baseURL,
    clock: systemClock,
    readings: systemReadings,
  });
  const offsetMs = clockOffsetMs(systemClock);
  const body = endpoint === 'responses' ? { max_output_tokens: 1024 } : { max_tokens: 1024 };
  return async ({ scenario, key }: { scenario: Scenario; key: number }): Promise<Omit<Reported, 'row'>> => {
    const { marks, usage, chunks, text, connectMs, readDelays } = await model.stream(
      { model: scenario, messages: [{ role: 'user', content: String(key) }], endpoint, body },
      { deadlines: DEFAULT_RETRY_POLICY, signal: new AbortController().signal },
    );
    const startedAt = new Date().toISOString();
    const { ttft_ms, tpot_ms } = figuresOf(marks, usage, chunks, {
      startedAt,
      connectMs,
      coldStart: false,
      readDelays,
    });
    let chars = 0;
    const arrivals = chunks.map(({ t_ms, text }): Arrival => {
      chars += text.length;
      return { tMs: t_ms, chars };
    });
    const t0 = marks.t0 - offsetMs;
    return { key, text, everyGapMs: null, t0, ttftMs: ttft_ms, tpotMs: tpot_ms, arrivals };
  };
};

/**
 * How far a clock is ahead of CLOCK_MONOTONIC, in ms. Reads the clock between two reads of CLOCK_MONOTONIC and takes
 * the closest pair of 200. The offset makes a client's instants comparable with the server's.
 */
export const clockOffsetMs = (clock: { monotonic(): number }): number => {
  let closest = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (let tries = 0; tries < 200; tries++) {
    const before = monotonicMs();
    const reading = clock.monotonic();
    const after = monotonicMs();
    if (after - before >= closest) continue;
    closest = after - before;
    offset = reading - (before + after) / 2;
  }
  return offset;
};
