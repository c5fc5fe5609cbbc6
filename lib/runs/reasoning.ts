/**
 * A reasoning item of an answer by the Responses API: what its server tells of the reasoning, apart from the tokens
 * themselves. https://platform.openai.com/docs/api-reference/responses/object
 */
export type ReasoningItem = {
  id: string;
  /** Summaries, in parts. The server writes them beside the output, so they are no tokens of it and set no mark. */
  summary: string[];
  /** The reasoning as its server alone can read it. The next turn sends it back, so that the model goes on from it. */
  encrypted_content?: string;
};

/** A reasoning item at its place among the items of an answer: reasoning, message and calls of tools, counted from 0. */
export type PlacedReasoning = ReasoningItem & { at: number };

/** Progress of one reasoning item: it begins, a part of its summary gains text, or it has `ended`. */
export type ReasoningProgress = {
  id: string;
  at: number;
  /** `index` counts the parts of the summary from 0. */
  part?: { index: number; text: string };
  ended?: PlacedReasoning;
};
