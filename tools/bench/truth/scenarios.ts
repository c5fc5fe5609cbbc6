/** What the server does in each scenario, as the table says it. */
export const SCENARIOS = {
  steady: 'a token at each tick, one an event',
  bursts: 'eight events at once, then nothing for eight ticks',
  chunks: 'one to five tokens in an event, counted by logprobs',
  split: 'each event in three writes, cut inside a character where it has one of several bytes',
  reasoning: 'as many hidden reasoning tokens before the text: counted in usage, never streamed',
  'slow-first': '400 ms to the first token',
  'slow-tail': '250 ms before the last token, finish and usage 100 ms later each',
  noise: 'role event 40 ms early; empty events, keep-alives and comments between the tokens',
} as const;

export type Scenario = keyof typeof SCENARIOS;

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as Scenario[];

export const isScenario = (name: unknown): name is Scenario =>
  typeof name === 'string' && Object.hasOwn(SCENARIOS, name);
