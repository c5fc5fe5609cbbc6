import type { Scenario } from './stream-plan.ts';

/** The rows of the table, in their order: a client may tell its figures in two ways. */
export const ROWS = [
  'everytoken',
  'everytoken, call',
  'plain loop',
  'ai sdk',
  'ai sdk, own',
  'langchain',
  'tutorial',
] as const;
export type Row = (typeof ROWS)[number];

/** A piece of text at the reader, `tMs` after the reader's start; `chars` of text so far, in UTF-16 units. */
export type Arrival = { tMs: number; chars: number };

/**
 * What a client says of one stream. `t0` is the instant its times count from (ms, CLOCK_MONOTONIC): its own dispatch
 * instant where it tells one, else right before its call. Null is what it cannot tell. `arrivals` are the pieces it
 * timed, `everyGapMs` the one time it gives for all tokens.
 */
export type Reported = {
  row: Row;
  key: number;
  t0: number;
  ttftMs: number | null;
  tpotMs: number | null;
  arrivals: Arrival[] | null;
  everyGapMs: number | null;
  text: string;
};

/** Asks for one stream and says what it saw: one entry a row of the table. */
type Client = (stream: { scenario: Scenario; key: number }) => Promise<Reported[]>;

export type MakeClient = (baseURL: string) => Client;

export const CLIENTS = ['everytoken', 'tutorial', 'plain-loop', 'ai-sdk', 'langchain'] as const;
export type ClientName = (typeof CLIENTS)[number];

/** (last piece - first piece) / (tokens - 1), in ms: what a reader makes of a token count. Null below two tokens. */
export const timePerToken = (arrivals: readonly Arrival[], tokens: number | undefined): number | null => {
  const [first, last] = [arrivals[0], arrivals.at(-1)];
  if (!first || !last || tokens === undefined || tokens < 2) return null;
  return (last.tMs - first.tMs) / (tokens - 1);
};
