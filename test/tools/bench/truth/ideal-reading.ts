import { makeLineReader, type Reading } from '../../../../tools/bench/truth/clients/timed-lines.ts';
import type { StreamPlan } from '../../../../tools/bench/truth/stream-plan.ts';
import type { Truth } from '../../../../tools/bench/truth/truth-server.ts';

/** The reading of a planned stream without any delay: each write is read at the instant it is due. */
export const idealReading = ({ writes }: StreamPlan): Reading => {
  const readLines = makeLineReader();
  return {
    lines: writes.flatMap(({ bytes, dueMs }) => readLines(bytes, dueMs)),
    endMs: writes.at(-1)?.dueMs ?? 0,
  };
};

/** The truth of a planned stream whose writes take no time; instants count from the request. */
export const plannedTruth = (
  { writes, text, visibleTokens, reasoningTokens }: StreamPlan,
  scenario: Truth['scenario'],
): Truth => {
  let [chars, tokens] = [0, 0];
  const emissions = writes
    .filter(({ words }) => words.length > 0)
    .map(({ dueMs, words }) => {
      chars += words.join('').length;
      tokens += words.length;
      return { at: dueMs, tookMs: 0, chars, tokens };
    });
  const endedAt = writes.at(-1)?.dueMs ?? 0;
  return { key: 0, scenario, arrivedAt: 0, emissions, endedAt, text, visibleTokens, reasoningTokens };
};
