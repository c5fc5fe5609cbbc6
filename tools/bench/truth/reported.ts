import type { Scenario } from './stream-plan.ts';

/** The rows of the table, in order. A client may have two rows. */
export const ROWS = [
  'everytoken',
  'everytoken, call',
  'responses',
  'plain loop',
  'ai sdk',
  'ai sdk, own',
  'langchain',
  'vllm',
  'guidellm',
  'aiperf',
  'llmperf',
  'tutorial',
] as const;
export type Row = (typeof ROWS)[number];

/** A piece of text at the reader: `tMs` after the reader's start, with `chars` UTF-16 units of text so far. */
export type Arrival = { tMs: number; chars: number };

/** A time between tokens as a tool reports it itself; `chars` is the length of the text at its end, in UTF-16 units. */
export type OwnGap = { ms: number; chars: number };

/**
 * A client's figures of one stream; null where it cannot report one. `t0` is the instant its times count from (ms,
 * CLOCK_MONOTONIC): its own dispatch instant if it reports one, else the instant right before the call. `arrivals` are
 * the pieces it timed; `ownGaps` are the gaps it reports itself; `everyGapMs` is the one time it gives for all tokens.
 */
export type Reported = {
  row: Row;
  key: number;
  t0: number;
  ttftMs: number | null;
  tpotMs: number | null;
  arrivals: Arrival[] | null;
  everyGapMs: number | null;
  ownGaps?: OwnGap[] | null;
  text: string;
};

/** Requests one stream and resolves to its figures, one entry for each of the client's rows. */
type Client = (stream: { scenario: Scenario; key: number }) => Promise<Reported[]>;

export type MakeClient = (baseURL: string) => Client;

export const CLIENTS = [
  'everytoken',
  'responses',
  'tutorial',
  'plain-loop',
  'ai-sdk',
  'langchain',
  'line-tools',
] as const;
export type ClientName = (typeof CLIENTS)[number];

/**
 * Time per token at the reader, in ms: (last piece - first piece) / (tokens - 1). Null below two tokens or without
 * pieces.
 */
export const timePerToken = (arrivals: readonly Arrival[], tokens: number | undefined): number | null => {
  const [first, last] = [arrivals[0], arrivals.at(-1)];
  if (!first || !last || tokens === undefined || tokens < 2) return null;
  return (last.tMs - first.tMs) / (tokens - 1);
};
