import type { ComparisonRequest } from '../../../../client/index.ts';
import { readRecords } from '../../../../lib/files/formats/read-records.ts';
import { toRequest } from '../../../../lib/files/formats/to-request.ts';
import { CommandError } from '../../../command.ts';
import { openLocalFile } from '../../file/input/local-file.ts';

type Prompt = ComparisonRequest['prompts'][number];

const MAX_PROMPTS = 50;

/**
 * The prompts of a file, in any format of prompt files: a row each of a .csv or .jsonl, one for a .txt or .md.
 *
 * @throws {CommandError} naming the line that has no prompt, or has other fields than a prompt
 */
export const readPrompts = async (path: string): Promise<Prompt[]> => {
  const { content, format, name } = await openLocalFile(path);
  const { head, records } = await readRecords(content.stream(), { format, name });
  const prompts: Prompt[] = [];
  for await (const record of records) {
    const { line, body, error } = toRequest(record, head);
    if (error) throw new CommandError(`${path}:${line}: ${error.message}`);
    const { prompt, messages, ...others } = (body ?? {}) as { prompt?: string; messages?: Prompt };
    const [other] = Object.keys(others);
    if (other !== undefined)
      throw new CommandError(
        `${path}:${line}: a comparison takes prompts alone, and this row sets ${other}; give it by --setting, for all rows`,
      );
    prompts.push(typeof prompt === 'string' ? prompt : ({ messages } as Prompt));
    if (prompts.length > MAX_PROMPTS)
      throw new CommandError(
        `${path} has more than ${MAX_PROMPTS} prompts, the most that a comparison takes`,
      );
  }
  return prompts;
};
