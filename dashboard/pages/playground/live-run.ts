import { type Signal, signal } from '@preact/signals';
import type { Generation, Run, RunEvent, RunInput } from '../../../client/index.ts';
import { everytoken } from '../../api.ts';
import { type ShownToken, tokensOf } from '../../parts/tokens.ts';
import { type Aligned, alignClocks } from './clocks.ts';

/** An output as far as it is there. `tokens` grows in place; `LiveRun.frame` tells when to look again. */
export type LiveOutput = {
  index: number;
  label: string;
  sample: number;
  tokens: ShownToken[];
  /** Further attempts, each of which begins the text anew. */
  restarts: number;
  calls: string[];
  generation: Generation | undefined;
  /** t0 of its stream on the page's clock; undefined for an output that was read from the record. */
  aligned: Aligned | undefined;
};

type LiveState = 'asking' | 'streaming' | 'indexing' | 'ended' | 'stopped' | 'failed';

/** A run that is being streamed, or that was read from the record. */
export type LiveRun = {
  id: Signal<string | undefined>;
  state: Signal<LiveState>;
  outputs: readonly LiveOutput[];
  /** Rises once a frame while tokens arrive. */
  frame: Signal<number>;
  /** The run once it is generated, and again once its vectors are there. */
  run: Signal<Run | undefined>;
  error: Signal<unknown>;
  /** Cancels the run, and stops reading. While the run has no id yet, it is cancelled as soon as it has one. */
  stop: () => void;
};

/** Vectors are there within seconds; diversity is shown without them after that. */
const INDEX_LIMIT_MS = 60_000;

const outputsOf = (labels: readonly string[], samples: number): LiveOutput[] =>
  labels.flatMap((label, setting) =>
    Array.from({ length: samples }, (_, sample) => ({
      index: setting * samples + sample,
      label,
      sample,
      tokens: [],
      restarts: 0,
      calls: [],
      generation: undefined,
      aligned: undefined,
    })),
  );

/** Asks for a run and reads its stream. */
export const startRun = (input: RunInput, labels: readonly string[]): LiveRun => {
  const outputs = outputsOf(labels, input.samples ?? 1);
  const aborter = new AbortController();
  const live: LiveRun = {
    id: signal(undefined),
    state: signal('asking'),
    outputs,
    frame: signal(0),
    run: signal(undefined),
    error: signal(undefined),
    stop: () => {
      if (live.state.value === 'asking' || live.state.value === 'streaming') live.state.value = 'stopped';
      const id = live.id.value;
      if (id === undefined) return;
      aborter.abort();
      // A run that has ended meanwhile cannot be cancelled, and need not be.
      if (live.run.value === undefined)
        everytoken()
          .runs.cancel(id)
          .catch(() => undefined);
    },
  };
  read(live, input, aborter.signal).catch((error: unknown) => {
    if (live.state.value === 'stopped') return;
    live.error.value = error;
    live.state.value = 'failed';
  });
  return live;
};

const read = async (live: LiveRun, input: RunInput, signal: AbortSignal): Promise<void> => {
  const redraw = oncePerFrame(() => {
    live.frame.value += 1;
  });
  const asked_ms = performance.now();
  const stream = everytoken().runs.stream(input, { signal });
  try {
    for await (const event of stream) {
      take(event, live, asked_ms, performance.now());
      if (live.state.value === 'stopped' && live.id.value !== undefined) live.stop();
      // The first token is drawn at once, the others once a frame.
      if (event.type === 'generation.token' && live.outputs[event.index]?.tokens.length === 1)
        live.frame.value += 1;
      else redraw();
    }
  } catch {
    // The run may go on without its stream; if not, the next line throws why.
  }
  const run = await stream.finalRun();
  await addMissed(live, run, signal);
  live.run.value = run;
  live.state.value = 'indexing';
  await addAlternatives(live, signal);
  if (run.status !== 'completed')
    live.run.value = await everytoken()
      .runs.wait(run.id, { until: 'completed', timeoutMs: INDEX_LIMIT_MS, signal })
      .catch(() => run);
  live.state.value = 'ended';
};

/** Joins calls within a frame into one. A hidden page has no frames, so there it is a timer. */
const oncePerFrame = (call: () => void): (() => void) => {
  let isDue = false;
  const run = (): void => {
    isDue = false;
    call();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    if (document.hidden) setTimeout(run, 100);
    else requestAnimationFrame(run);
  };
};

const take = (event: RunEvent, live: LiveRun, asked_ms: number, arrived_ms: number): void => {
  switch (event.type) {
    case 'run.created':
      live.id.value = event.run.id;
      if (live.state.value === 'asking') live.state.value = 'streaming';
      return;
    case 'generation.token': {
      const tokens = live.outputs[event.index]?.tokens;
      const last = tokens?.at(-1);
      tokens?.push({
        text: event.text,
        t_ms: event.t_ms,
        gap_ms: last === undefined ? null : event.t_ms - last.t_ms,
        sent_ms: event.sent_ms,
        arrived_ms,
      });
      return;
    }
    case 'generation.tool_call':
      live.outputs[event.index]?.calls.push(event.name);
      return;
    case 'generation.restarted': {
      const output = live.outputs[event.index];
      if (!output) return;
      output.tokens = [];
      output.restarts += 1;
      return;
    }
    case 'generation.completed': {
      const output = live.outputs[event.generation.index];
      if (!output) return;
      output.generation = event.generation;
      output.aligned = alignmentOf(output, asked_ms);
      return;
    }
  }
};

const alignmentOf = ({ tokens, generation }: LiveOutput, asked_ms: number): Aligned | undefined => {
  const started = generation?.timing?.started_at;
  return alignClocks({
    asked_ms,
    events: tokens.flatMap(({ sent_ms, arrived_ms }) =>
      sent_ms === undefined || arrived_ms === undefined ? [] : [{ sent_ms, arrived_ms }],
    ),
    wall_t0_ms: started === undefined ? undefined : Date.parse(started) - performance.timeOrigin,
  });
};

/** A stream has no log probabilities: once an output has ended, its trace adds them, token by token where they agree. */
const addAlternatives = async (live: LiveRun, signal: AbortSignal): Promise<void> => {
  const id = live.id.value;
  if (id === undefined) return;
  await Promise.all(
    live.outputs.map(async (output) => {
      const requested = output.generation?.sampling.effective;
      if (!requested?.logprobs && !requested?.top_logprobs) return;
      const traced = await readTokens(id, output.index, signal).catch(() => []);
      const isSame = traced.length === output.tokens.length;
      if (traced.length > 0)
        output.tokens = traced.map((token, at) => {
          const seen = isSame ? output.tokens[at] : undefined;
          return {
            ...token,
            ...(seen?.sent_ms !== undefined && { sent_ms: seen.sent_ms }),
            ...(seen?.arrived_ms !== undefined && { arrived_ms: seen.arrived_ms }),
          };
        });
    }),
  );
  live.frame.value += 1;
};

/** The outputs of which the stream broke off, as the record has them. */
const addMissed = async (live: LiveRun, run: Run, signal: AbortSignal): Promise<void> => {
  const missed = live.outputs.filter(({ generation }) => generation === undefined);
  await Promise.all(
    missed.map(async (output) => {
      const { index } = output;
      const traced = await readTokens(run.id, index, signal).catch(() => []);
      if (traced.length > 0) output.tokens = traced;
      output.generation = run.generations.find((each) => each.index === index);
    }),
  );
};

/** The run once it is generated, for one that is opened before. */
export const whenGenerated = async (run: Run, signal: AbortSignal): Promise<Run> =>
  run.status === 'queued' || run.status === 'generating'
    ? await everytoken().runs.wait(run.id, { signal })
    : run;

const readTokens = async (id: string, index: number, signal: AbortSignal): Promise<ShownToken[]> =>
  tokensOf((await everytoken().runs.trace(id, index, { signal })).chunks);

/** A run of the record, with the tokens of its traces. */
export const recordedRun = async (run: Run, abort: AbortSignal): Promise<LiveRun> => {
  const outputs = await Promise.all(
    run.generations.map(async (generation): Promise<LiveOutput> => {
      const { index, label, sample } = generation;
      const tokens = await readTokens(run.id, index, abort).catch(() => []);
      return {
        ...{ index, label, sample, generation },
        tokens: tokens.length > 0 ? tokens : [{ text: generation.text ?? '', t_ms: 0, gap_ms: null }],
        restarts: 0,
        calls: (generation.tool_calls ?? []).map(nameOf),
        aligned: undefined,
      };
    }),
  );
  return {
    id: signal<string | undefined>(run.id),
    state: signal<LiveState>('ended'),
    outputs,
    frame: signal(0),
    run: signal<Run | undefined>(run),
    error: signal<unknown>(undefined),
    stop: () => {},
  };
};

const nameOf = (call: NonNullable<Generation['tool_calls']>[number]): string =>
  String(
    (call.function as { name?: unknown } | undefined)?.name ??
      (call.custom as { name?: unknown } | undefined)?.name ??
      'a tool',
  );
