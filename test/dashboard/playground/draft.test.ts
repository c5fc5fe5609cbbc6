import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../../client/api-types.ts';
import { parseAddress } from '../../../dashboard/address.ts';
import { comparisonHrefOf, programOf, streamedCurlOf } from '../../../dashboard/pages/playground/copy-as.ts';
import {
  draftOf,
  emptySetting,
  firstDraft,
  requestOf,
  settingOf,
} from '../../../dashboard/pages/playground/draft.ts';

describe('the request of the playground', () => {
  test('has the fields that are filled in, with numbers as numbers', () => {
    const setting = {
      ...emptySetting('a'),
      top_p: '0.9',
      top_k: ' 40 ',
      stop: 'END\n\nSTOP',
      model: 'groq/llama',
    };
    expect(settingOf(setting)).toEqual({
      label: 'a',
      model: 'groq/llama',
      top_p: 0.9,
      top_k: 40,
      stop: ['END', 'STOP'],
    });
  });

  test('leaves a number that is none to the API, which names the field', () => {
    expect(settingOf({ ...emptySetting('a'), top_p: 'much' })).toEqual({ label: 'a', top_p: 'much' });
  });

  test('has samples and alternatives only where they are asked for', () => {
    const draft = { ...firstDraft(), samples: 1, alternatives: 0 };
    expect(requestOf(draft)).toEqual({ prompt: draft.prompt, settings: draft.settings.map(settingOf) });
    expect(requestOf({ ...draft, samples: 3, alternatives: 5 })).toMatchObject({
      samples: 3,
      top_logprobs: 5,
    });
    expect(requestOf({ ...draft, mode: 'messages' })).toMatchObject({ messages: draft.messages });
  });

  test('comes back from the record of its run', () => {
    const draft = { ...firstDraft(), samples: 2 };
    const { settings = [] } = requestOf(draft) as { settings?: { label: string }[] };
    const generations = settings.flatMap(({ label, ...requested }, at) =>
      [0, 1].map((sample) => ({
        ...{ index: at * 2 + sample, label, sample, model: 'everytoken-ngram' },
        sampling: { requested: { ...requested, top_logprobs: 10 } },
      })),
    );
    const run = {
      prompt: draft.prompt,
      messages: null,
      models: ['everytoken-ngram'],
      generations,
    } as unknown as Run;
    const read = draftOf(run);
    expect(read.settings.map(({ model, ...rest }) => [model, rest])).toEqual(
      draft.settings.map(({ model: _, ...rest }) => ['everytoken-ngram', rest]),
    );
    expect(read).toMatchObject({ mode: 'prompt', prompt: draft.prompt, samples: 2, alternatives: 10 });
  });
});

describe('a request copied', () => {
  test('as curl has the request as one word of the shell, whatever the prompt holds', () => {
    const prompt = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(prompt, (text) => {
        const draft = { ...firstDraft(), prompt: text };
        const command = streamedCurlOf(draft, 'http://127.0.0.1:3000/', true).replace(
          /^curl/,
          'printf "%s\\n"',
        );
        const [json = ''] =
          /\{[\s\S]*\}/.exec(execFileSync('sh', ['-c', command], { encoding: 'utf8' })) ?? [];
        expect(JSON.parse(json)).toEqual({ ...requestOf(draft), stream: true });
      }),
      { numRuns: 15 },
    );
  });

  test('never has the key', () => {
    expect(streamedCurlOf(firstDraft(), 'http://x/', true)).toContain('Bearer $EVERYTOKEN_KEY');
    expect(programOf(firstDraft(), 'http://x/', true)).toContain('process.env.EVERYTOKEN_KEY');
    expect(streamedCurlOf(firstDraft(), 'http://x/', false)).not.toMatch(/authorization/i);
  });

  test('as a comparison has the prompt and the settings in its address, and several samples', () => {
    const { segments, query } = parseAddress(comparisonHrefOf(firstDraft()));
    expect(segments).toEqual(['compare']);
    expect(query.get('prompt')).toBe(firstDraft().prompt);
    expect(JSON.parse(query.get('settings') ?? '')).toEqual(firstDraft().settings.map(settingOf));
    // One sample finds no difference: the builder's usual number takes its place.
    expect(query.get('samples')).toBeNull();
    expect(comparisonHrefOf({ ...firstDraft(), samples: 4 })).toContain('samples=4');
  });
});
