import { isObject } from '../../../lib/json/value.ts';
import type { State } from '../read-state.ts';
import { parsed } from './check-answer.ts';
import { type ModelAnswer, POISON } from './draw-model-answer.ts';

/** `known`: completed outputs whose answer was an odd one with a known text. */
export type TextReport = { known: number; broken: string[] };

/**
 * Compares each output with the odd answer that it was made of: it has the answer's whole text, or it failed. A run
 * whose text the embeddings server refuses for good has failed by name. Call it once all work has ended.
 */
export const checkTexts = async (
  { runs, keys, text }: Pick<State, 'runs' | 'keys' | 'text'>,
  answers: ReadonlyMap<string, ModelAnswer>,
): Promise<TextReport> => {
  const report: TextReport = { known: 0, broken: [] };
  for (const key of keys.filter((each) => each.startsWith('outputs/'))) {
    const output = parsed(await text(key));
    const { generation, marks } = partsOf(output);
    const answer = answers.get(String(marks.completion_id));
    if (answer === undefined || generation.status !== 'completed') continue;
    const complain = (what: string) => report.broken.push(`${key} (${answer.kind}, ${answer.id}): ${what}`);
    if (answer.end === 'failed') complain('an error was taken for an answer');
    if (answer.text === undefined) continue;
    report.known += 1;
    if (generation.text !== answer.text)
      complain(`${JSON.stringify(generation.text)} instead of ${JSON.stringify(answer.text)}`);
    const run = runs.get(String(isObject(output) ? output.run_id : ''));
    const isOwn = run?.generations?.some(({ l }) => key.endsWith(`.${l}.json`));
    if (answer.text.includes(POISON) && run?.index && isOwn && run.status === 'completed')
      complain('its run is completed, although the embeddings server refuses the text');
  }
  for (const { id, status, error } of runs.values())
    if (error?.code === 'index_refused' && status !== 'failed') report.broken.push(`${id} is ${status}`);
  return report;
};

const partsOf = (output: unknown): Record<'generation' | 'marks', Record<string, unknown>> => {
  const { generation, trace } = isObject(output) ? output : {};
  const marks = isObject(trace) ? trace.marks : undefined;
  return { generation: isObject(generation) ? generation : {}, marks: isObject(marks) ? marks : {} };
};
