import { describe, expect, test } from 'vitest';
import { parseComparison } from '../../../lib/comparisons/request.ts';
import { InvalidInputError } from '../../../lib/errors.ts';

const defaults = { model: 'gpt-6-luna' };
const good = { prompts: ['one'], settings: [{ label: 'a' }] };
const refused = async (body: unknown) => {
  const error = await parseComparison(body, defaults).catch((thrown: unknown) => thrown);
  if (!(error instanceof InvalidInputError)) throw new Error('it was not refused');
  return error;
};
const paths = async (body: unknown) => (await refused(body)).issues.map(({ path }) => path);

describe('a comparison’s request', () => {
  test('accepts texts and conversations as prompts, and fills in defaults', async () => {
    const messages = [{ role: 'user', content: 'two' }];
    const request = await parseComparison(
      { ...good, prompts: ['one', { messages }], temperature: null },
      defaults,
    );
    expect(request).toEqual({
      name: null,
      prompts: [{ prompt: 'one' }, { messages }],
      settings: [{ label: 'a', model: 'gpt-6-luna' }],
      shared: {},
      samples: 1,
      index: true,
      hasChecks: false,
      objectives: null,
      metadata: {},
    });
  });

  test.each([
    [{ prompts: [] }, 'must have 1 to 50 entries'],
    [{ prompts: 'one' }, 'must be an array'],
    [{ settings: [] }, 'must have 1 to 16 entries'],
    [{ samples: 0 }, 'must be a whole number from 1 to 64'],
    [{ samples: 65 }, 'must be a whole number from 1 to 64'],
    [{ samples: 1.5 }, 'must be a whole number'],
  ])('with %j is refused with its bounds', async (own, message) => {
    const { issues } = await refused({ ...good, ...own });
    expect(issues).toEqual([{ path: Object.keys(own)[0], message }]);
  });

  test('keeps a setting’s own model, and the shared fields beside it', async () => {
    const request = await parseComparison(
      {
        ...good,
        settings: [{ label: 'a', model: 'gpt-6-sol' }, { label: 'b' }],
        model: 'gpt-5.6-luna',
        max_tokens: 60,
        objectives: { max_ttft_ms: 300, max_e2e_ms: null },
      },
      defaults,
    );
    expect(request.settings.map(({ model }) => model)).toEqual(['gpt-6-sol', 'gpt-5.6-luna']);
    expect(request.shared).toEqual({ model: 'gpt-5.6-luna', max_tokens: 60 });
    expect(request.objectives).toEqual({ max_ttft_ms: 300 });
  });

  test.each([
    ['no object', [], ''],
    ['no prompts', { ...good, prompts: [] }, 'prompts'],
    ['a blank prompt', { ...good, prompts: ['one', ' '] }, 'prompts.1'],
    ['a number as prompt', { ...good, prompts: [1] }, 'prompts.0'],
    [
      'a message without content',
      { ...good, prompts: [{ messages: [{ role: 'user' }] }] },
      'prompts.0.messages.0.content',
    ],
    ['neither text nor messages', { ...good, prompts: [{}] }, 'prompts.0'],
    ['no settings', { ...good, settings: [] }, 'settings'],
    ['settings left out', { prompts: ['one'] }, 'settings'],
    ['a label twice', { ...good, settings: [{ label: 'a' }, { label: 'a' }] }, 'settings.1.label'],
    ['a bad field of a setting', { ...good, settings: [{ label: 'a', top_p: 2 }] }, 'settings.0.top_p'],
    [
      'a retired model',
      { ...good, settings: [{ label: 'a', model: 'text-davinci-003' }] },
      'settings.0.model',
    ],
    ['a bad pattern', { ...good, checks: [{ type: 'regex', pattern: '(' }] }, 'checks.0.pattern'],
    ['a bad objective', { ...good, objectives: { max_ttft_ms: 0 } }, 'objectives.max_ttft_ms'],
    ['an unknown objective', { ...good, objectives: { fast: 1 } }, 'objectives.fast'],
    ['a stream', { ...good, stream: true }, 'stream'],
    ['texts that are not stored', { ...good, store: false }, 'store'],
    ['a conversation', { ...good, conversation: 'x' }, 'conversation'],
    ['a field of nobody', { ...good, models: [] }, 'models'],
    ['our own metadata', { ...good, metadata: { block: '1' } }, 'metadata.block'],
    ['a blank name', { ...good, name: ' ' }, 'name'],
    ['a name of 201 characters', { ...good, name: 'n'.repeat(201) }, 'name'],
    ['a name that is no text', { ...good, name: 7 }, 'name'],
    ['no samples', { ...good, samples: 0 }, 'samples'],
    ['too many samples', { ...good, samples: 65 }, 'samples'],
  ])('with %s is refused by its path', async (_, body, path) => {
    expect(await paths(body)).toEqual([path]);
  });

  test('reports an error of the settings once, however many prompts there are', async () => {
    const body = { prompts: ['one', 'two', ' '], settings: [{ label: 'a', extra_body: { model: 'x' } }] };
    expect(await paths(body)).toEqual(['prompts.2']);
    expect(await paths({ ...body, prompts: ['one', 'two'] })).toHaveLength(1);
  });

  test('has limits on prompts, settings, generations and blocks', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, at) => `${at}`);
    const settings = (n: number) => many(n).map((label) => ({ label }));
    expect(await paths({ ...good, prompts: many(51) })).toEqual(['prompts']);
    expect(await paths({ ...good, settings: settings(17) })).toEqual(['settings']);
    const generations = await refused({ prompts: many(50), settings: settings(16), samples: 3 });
    expect(generations.message).toContain('2400; a comparison has at most 2000 generations');
    const blocks = await refused({ prompts: many(50), settings: settings(1), samples: 5 });
    expect(blocks.message).toContain(
      '250, with a warm-up for each model 251 runs; a comparison has at most 250',
    );
    await parseComparison({ prompts: many(31), settings: settings(8), samples: 8 }, defaults);
  });

  test('reserves room for its own metadata', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`k${at}`, 'v']));
    expect(await paths({ ...good, metadata })).toEqual(['metadata']);
  });
});
