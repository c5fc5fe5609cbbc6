import type { FileEstimate } from '../client/api-types.ts';
import { counted } from './figures.ts';

type Range = FileEstimate['tokens'];

/**
 * The estimate of a file from that of its beginning: the rest is taken to be like it, as the API does itself (`complete`
 * is false).
 *
 * @param share the part of the file that was read, from 0 to 1
 * @param round rounds sums of money
 */
export const estimateOfWhole = (
  part: FileEstimate,
  share: number,
  round: (usd: number) => number = (usd) => usd,
): FileEstimate => {
  if (share >= 1) return part;
  const times = 1 / share;
  const count = (value: number) => Math.round(value * times);
  const range = ({ low, typical, high }: Range, each: (value: number) => number = count): Range => ({
    low: each(low),
    typical: typical === null ? null : each(typical),
    high: each(high),
  });
  const taken = <T extends Pick<FileEstimate, 'prompt_tokens' | 'completion_tokens' | 'tokens' | 'cost_usd'>>(
    of: T,
  ): T => ({
    ...of,
    prompt_tokens: range(of.prompt_tokens),
    completion_tokens: range(of.completion_tokens),
    tokens: range(of.tokens),
    cost_usd: of.cost_usd && range(of.cost_usd, (value) => round(value * times)),
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
    max_cost_usd: part.max_cost_usd && {
      ...part.max_cost_usd,
      covers: coverOf(part.max_cost_usd.limit, part.cost_usd, times),
    },
    based_on: [
      ...part.based_on,
      `Read were ${counted(part.lines, 'line')}, ${share < 0.01 ? 'less than 1' : Math.round(share * 100)} % of the file; the rest is taken to be like these.`,
    ],
  };
};

const coverOf = (limit: number, cost: Range | null, times: number): 'yes' | 'maybe' | 'no' => {
  if (cost === null) return 'maybe';
  if (cost.high * times <= limit) return 'yes';
  return cost.low * times <= limit ? 'maybe' : 'no';
};
