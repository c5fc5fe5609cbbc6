/** Something that could be prepared, or what to do so that it can. */
export type Tool = { path: string } | { remedy: string };

/** What the checks are handed. */
export type Prepared = {
  root: string;
  /** Where packages, models and tools are kept. */
  cache: string;
  /** Whether they run on a network of their own, with nothing in it but the loopback. */
  isolated: boolean;
  ric: Tool;
  dynamodbLocal: Tool;
};
