import type { ServerKind } from './server.ts';

/**
 * Tokens that a server's chat template can add to what a body says: for each request, message, name of a message, tool
 * and schema. `rendered` is how many tokens one byte of a tool, a schema or another structured field can become, since
 * templates print those anew (indented, or escaped).
 */
export type PromptOverhead = {
  request: number;
  message: number;
  name: number;
  tool: number;
  schema: number;
  rendered: number;
};

/**
 * A margin, not a proof: several times what widely used templates add. Default system prompts have up to some hundred
 * tokens, as have preambles for tools; frames of messages have fewer than ten; and a template that escapes what it
 * prints turns one byte into six (`\u003c` for `<`).
 */
const MARGIN: PromptOverhead = { request: 1_024, message: 16, name: 8, tool: 64, schema: 64, rendered: 6 };

const OVERHEADS: Partial<Record<ServerKind, PromptOverhead>> = {
  // OpenAI counts 3 tokens a message, 1 a name, 3 for the answer's beginning, and at most 12 around a tool; properties
  // and enums count less than their bytes of JSON. Reasoning models get a preamble whose length is not published.
  // https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken
  openai: { request: 128, message: 8, name: 4, tool: 32, schema: 64, rendered: 2 },
  // Our own server counts the tokens of the texts, calls, tools and schema that a body has, and nothing else.
  everytoken: { request: 0, message: 0, name: 0, tool: 0, schema: 0, rendered: 1 },
};

/** The tokens that a kind of server may add to a prompt; `request` can be overridden by `prompt_overhead` in MODEL_CATALOGUE. */
export const overheadOf = (kind: ServerKind): PromptOverhead => OVERHEADS[kind] ?? MARGIN;
