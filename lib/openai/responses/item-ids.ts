import { isRunId } from '../../runs/keys.ts';

const PREFIX = 'resp_';

/** The id of the response that stands for a run. */
export const responseIdOf = (runId: string): string => `${PREFIX}${runId}`;

/** The run that a response's id stands for; undefined for an id of another form. */
export const runIdOfResponse = (id: string): string | undefined => {
  const runId = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : '';
  return isRunId(runId) ? runId : undefined;
};

/** The kinds of items that have an id made of their run's and their place among those of their kind. */
export type ItemKind = 'message' | 'function_call' | 'custom_tool_call' | 'reasoning';

const PREFIXES: Record<ItemKind, string> = {
  message: 'msg',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  reasoning: 'rs',
};

/** The id of an output item: always the same for the same run, so that an answer is the same whenever it is read. */
export const itemIdOf = (runId: string, kind: ItemKind, place: number): string =>
  `${PREFIXES[kind]}_${runId}_${place}`;

/** The run that an output item's id names; undefined for an id that a model server gave. */
export const runIdOfItem = (id: string): string | undefined => {
  const runId = /^[a-z]+_(run_[0-9a-z]+)_\d+$/.exec(id)?.[1] ?? '';
  return isRunId(runId) ? runId : undefined;
};
