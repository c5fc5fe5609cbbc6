import { expect, test } from 'vitest';
import { storedSizeFactor } from '../../../lib/comparisons/outputs.ts';
import type { Plan } from '../../../lib/comparisons/plan.ts';
import { encodeOutput } from '../../../lib/runs/output-object.ts';
import { makeGeneration, makeOutput, makeTokenLogprob } from '../../factories/generation.ts';

/** The factor for a plan whose second setting asks for this. */
const factorOf = (requested: Record<string, unknown>): number => {
  const settings = [{}, requested].map((fields) => ({ requested: fields }));
  return storedSizeFactor({ settings } as unknown as Pick<Plan, 'settings'>);
};

test.each([0, 1, 20])(
  'a stored output with %i alternatives a token is no larger than a plan expects',
  (count) => {
    const words = Array.from({ length: 200 }, (_, at) => ` word${at}`);
    const output = makeOutput('run_0', makeGeneration({ text: words.join('') }));
    const logprob = -Math.LN2 / 3;
    const alternatives = Array.from({ length: count }, (_, at) => ({
      ...{ token: ` other${at}`, logprob, bytes: [...Buffer.from(` other${at}`)] },
    }));
    output.trace.chunks = words.map((text, at) => {
      const entry = { ...makeTokenLogprob(text), logprob, top_logprobs: alternatives };
      return { t_ms: at, text, tokens: 1, logprobs: [entry] };
    });
    const stored = encodeOutput(output, {}).length;
    const expected = words.join('').length * factorOf({ logprobs: true, top_logprobs: count });
    expect(stored).toBeLessThan(expected);
    expect(stored).toBeGreaterThan(expected / 10);
    expect(factorOf({})).toBe(1);
  },
);
