import type { CallOptions, Everytoken, FileEstimate } from '../../../../client/index.ts';
import { mapRange, type Range } from '../../../../lib/estimate/ranges.ts';
import { rounded } from '../../../../lib/json/value.ts';
import { countOf } from '../../../terminal/units.ts';
import { readBeginning } from '../input/beginning.ts';
import type { Defaults } from '../input/defaults.ts';
import type { LocalFile } from '../input/local-file.ts';

/**
 * Estimates a file on this machine. Of a large one the API is given the beginning, and the rest is taken to be
 * like it, as the API does itself (`complete` is false).
 *
 * @throws {CommandError} as `readBeginning` does
 */
export const estimateLocal = async (
  file: LocalFile,
  { parsed, fields }: Defaults,
  { client, signal }: { client: Everytoken } & Pick<CallOptions, 'signal'>,
): Promise<{ estimate: FileEstimate; warning: string | undefined }> => {
  const { content, share, warning } = await readBeginning(file, parsed);
  const estimate = await client.files.estimate(
    { filename: file.name, content, defaults: fields },
    { signal },
  );
  return { estimate: share === 1 ? estimate : ofWhole(estimate, share), warning };
};

const ofWhole = (part: FileEstimate, share: number): FileEstimate => {
  const times = 1 / share;
  const count = (value: number) => Math.round(value * times);
  const range = (value: Range) => mapRange(value, (each) => Math.round(each * times));
  const taken = <T extends Pick<FileEstimate, 'prompt_tokens' | 'completion_tokens' | 'tokens' | 'cost_usd'>>(
    of: T,
  ): T => ({
    ...of,
    prompt_tokens: range(of.prompt_tokens),
    completion_tokens: range(of.completion_tokens),
    tokens: range(of.tokens),
    cost_usd: of.cost_usd && mapRange(of.cost_usd, (each) => rounded(each * times)),
  });
  return {
    ...taken(part),
    complete: false,
    lines: count(part.lines),
    accepted: count(part.accepted),
    refused: count(part.refused),
    reused: count(part.reused),
    generations: count(part.generations),
    models: part.models.map((model) => ({ ...taken(model), generations: count(model.generations) })),
    wall_time_ms: part.wall_time_ms && range(part.wall_time_ms),
    based_on: [
      ...part.based_on,
      `Read were ${countOf(part.lines, 'line')}, ${share < 0.01 ? 'less than 1' : Math.round(share * 100)} % of the file; the rest is taken to be like these.`,
    ],
  };
};
