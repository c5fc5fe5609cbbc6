import type { Scenario } from './scenarios.ts';

export type Row =
  | 'everytoken'
  | 'everytoken, call'
  | 'plain loop'
  | 'ai sdk'
  | 'ai sdk, own'
  | 'langchain'
  | 'tutorial';

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
export type Client = (stream: { scenario: Scenario; key: number }) => Promise<Reported[]>;

export type MakeClient = (baseURL: string) => Client;

export const CLIENTS = ['everytoken', 'tutorial', 'plain-loop', 'ai-sdk', 'langchain'] as const;
export type ClientName = (typeof CLIENTS)[number];
