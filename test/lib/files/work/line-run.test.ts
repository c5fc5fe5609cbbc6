import { expect, test } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors.ts';
import { makeLineParser, type SeenChecks } from '../../../../lib/files/work/line-run.ts';

const DEFAULTS = { model: 'fake-1' };
const line = (pattern: string) => ({ body: { prompt: 'p', checks: [{ type: 'regex', pattern }] } });
const refusalOf = async (parser: ReturnType<typeof makeLineParser>, pattern: string) => {
  try {
    await parser.parse(line(pattern));
    return null;
  } catch (error) {
    return error instanceof InvalidInputError ? error.issues : error;
  }
};

test('equal checks of a file take their steps once, also by another invocation', async () => {
  const first = makeLineParser(DEFAULTS);
  for (let at = 0; at < 3; at++) await first.parse(line('a{0,400}'));
  const { hashes, stepsLeft } = first.seen();
  expect(hashes).toHaveLength(1);
  expect(stepsLeft).toBe(1_000_000 - 802);
  const second = makeLineParser(DEFAULTS, JSON.parse(JSON.stringify(first.seen())) as SeenChecks);
  await second.parse(line('a{0,400}'));
  expect(second.seen()).toEqual({ hashes, stepsLeft });
});

test('different checks of a file share a budget; lines beyond it are refused by name, those seen before are not', async () => {
  const nearlySpent = { ...makeLineParser(DEFAULTS).seen(), stepsLeft: 100 };
  const parser = makeLineParser(DEFAULTS, nearlySpent);
  expect(await refusalOf(parser, 'a{0,40}')).toBeNull();
  expect(await refusalOf(parser, 'b{0,40}')).toEqual([
    {
      path: 'checks.0.pattern',
      message:
        'takes the patterns of all different checks in this file over 1000000 steps; give its lines the same checks, or split the file',
    },
  ]);
  expect(await refusalOf(parser, 'a{0,40}')).toBeNull();
});

test.each([{ stream: true }, { store: false }, { conversation: 'x' }])(
  'a line with %j is refused by its field',
  async (fields) => {
    const parsed = makeLineParser(DEFAULTS).parse({ body: { prompt: 'p', ...fields } });
    const [path] = Object.keys(fields);
    await expect(parsed).rejects.toMatchObject({ issues: [{ path }] });
  },
);

test('checks that every line of a file has are refused at each, but validated once', async () => {
  const parser = makeLineParser(DEFAULTS);
  for (let at = 0; at < 3; at++)
    expect(await refusalOf(parser, 'a{0,400}(')).toMatchObject([{ path: 'checks.0.pattern' }]);
  expect(parser.seen()).toEqual({ hashes: [], stepsLeft: 1_000_000 - 805 });
});
