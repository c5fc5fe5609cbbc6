import { isObject } from '../../../lib/json/value.ts';
import type { Trace } from '../../../lib/runs/generation.ts';
import type { BareAnswer } from '../truth/path/bare-stream.ts';
import { headerOf, timedEvents } from '../truth/path/bare-stream.ts';
import type { Truth } from '../truth/truth-server.ts';
import { WAYS, type WayName } from './ways.ts';

/** Where the time goes within everytoken, in ms. All but `accept` are parts of a request's time to its first token. */
export const STAGES = {
  begin: "from the client's write to the dispatch of the model's request: gateway, key, limits and budget",
  dispatch: "from the dispatch to the model server's reading the request",
  read: "from the model server's writing the first token to the function's mark of it",
  sendOn: 'from that mark to the client',
  accept:
    'as Server-Timing tells it: key, limits, budget and the writes of the run, most of it while the model works',
} as const;

type Stages = Record<keyof typeof STAGES, number>;

/** One request, in ms. `beforeMs` and `afterMs` are the ways to the model server and back, without its own time. */
export type Observed = {
  ttftMs: number;
  /** From the client's write to the model server's having read the request. */
  beforeMs: number;
  /** From the model server's write of the first token to the client's read. */
  afterMs: number;
  /** The same for each later token. */
  delaysMs: number[];
  stages: Stages | undefined;
};

/** The id of the run that answered, as everytoken tells it. */
export const runIdOf = ({ reads }: BareAnswer): string | undefined => headerOf(reads, 'x-everytoken-run-id');

/**
 * Holds a client's reads against the model server's emissions. All instants are of the machine's monotonic clock. `trace` is
 * that of the run's output.
 * @throws {Error} when the client has not read each token as an event of its own
 */
export const observe = (
  way: WayName,
  answer: BareAnswer,
  { emissions, arrivedAt }: Truth,
  trace?: Trace,
): Observed => {
  const arrivals = timedEvents(answer.reads).filter(({ data }) => textIn(way, data) !== '');
  if (arrivals.length !== emissions.length)
    throw new Error(`${WAYS[way].name}: ${arrivals.length} events of text for ${emissions.length} tokens`);
  const delays = arrivals.map(({ at }, token) => at - (emissions[token]?.at ?? Number.NaN));
  const [first = Number.NaN, ...delaysMs] = delays;
  const firstAt = arrivals[0]?.at ?? Number.NaN;
  const emittedAt = emissions[0]?.at ?? Number.NaN;
  return {
    ttftMs: firstAt - answer.t0,
    beforeMs: arrivedAt - answer.t0,
    afterMs: first,
    delaysMs,
    stages: trace && stagesOf(answer, { trace, arrivedAt, emittedAt, firstAt }),
  };
};

const textIn = (way: WayName, data: string): string => {
  if (data === '[DONE]') return '';
  const event: unknown = JSON.parse(data);
  return isObject(event) ? WAYS[way].textIn(event) : '';
};

type Instants = { trace: Trace; arrivedAt: number; emittedAt: number; firstAt: number };

const stagesOf = (
  { t0, reads }: BareAnswer,
  { trace: { marks, chunks }, arrivedAt, emittedAt, firstAt }: Instants,
): Stages => {
  const dispatchedAt = marks.t0_monotonic_ms;
  const markedAt = dispatchedAt + (chunks[0]?.t_ms ?? Number.NaN);
  const accept = Number(/accept;dur=([\d.]+)/.exec(headerOf(reads, 'server-timing') ?? '')?.[1]);
  return {
    begin: dispatchedAt - t0,
    dispatch: arrivedAt - dispatchedAt,
    read: markedAt - emittedAt,
    sendOn: firstAt - markedAt,
    accept,
  };
};
