import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../lib/errors.ts';
import {
  acceptedRunRequest,
  MAX_PROMPT_BYTES,
  MAX_TOOLS_BYTES,
  parseRunRequest,
  promptBytes,
} from '../../../lib/runs/request.ts';
import { runRequestSchema } from '../../../lib/runs/request-schema.ts';
import { makeRouteOf, makeServer } from '../../../lib/sampling/server.ts';

const DEFAULTS = { model: 'everytoken-ngram' };
const parse = (body: unknown, allowedModels?: string[]) =>
  parseRunRequest(body, { ...DEFAULTS, allowedModels });
const refusalOf = (body: unknown, allowedModels?: string[]) => {
  try {
    parse(body, allowedModels);
  } catch (error) {
    if (error instanceof InvalidInputError)
      return { code: error.code, paths: error.issues.map(({ path }) => path) };
    throw error;
  }
  return 'accepted';
};
const pathsOf = (body: unknown) => {
  const refusal = refusalOf(body);
  return refusal === 'accepted' ? refusal : refusal.paths;
};
const x = { prompt: 'x' };
const tools = {
  tools: [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }],
};

describe('tools', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"at":1}' } };
  const turns = [
    { role: 'user', content: 'Look it up.' },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_1', content: '42' },
  ];

  test('and the messages of their calls are taken as OpenAI writes them', () => {
    const { messages, settings } = parse({ messages: turns, ...tools, tool_choice: 'required' });
    expect(messages).toEqual([turns[0], { ...turns[1], content: '' }, turns[2]]);
    expect(settings).toMatchObject([{ tools: tools.tools, toolChoice: 'required' }]);
  });

  test('of a setting stand in place of those of the run', () => {
    const own = [{ type: 'custom', custom: { name: 'sql', format: { type: 'text' } } }];
    const { settings } = parse({ ...x, ...tools, settings: [{ label: 'a' }, { label: 'b', tools: own }] });
    expect(settings.map((setting) => setting.tools)).toEqual([tools.tools, own]);
  });

  test.each(['web_search', 'file_search', 'code_interpreter', 'mcp'])(
    'that a model server runs by itself are refused by name: %s',
    (type) => {
      expect(() => parse({ ...x, tools: [{ type }] })).toThrow(
        /tools\.0\.type: must be "function" or "custom"/,
      );
    },
  );

  test('have 256 KiB of JSON at most, and count with their calls as a prompt does', () => {
    const parameters = { description: 'x'.repeat(MAX_TOOLS_BYTES) };
    expect(refusalOf({ ...x, tools: [{ type: 'function', function: { name: 'f', parameters } }] })).toEqual({
      code: 'fields_too_large',
      paths: ['tools'],
    });
    const long = { ...call, function: { name: 'f', arguments: 'x'.repeat(MAX_PROMPT_BYTES) } };
    expect(refusalOf({ messages: [{ role: 'assistant', tool_calls: [long] }] })).toEqual({
      code: 'prompt_too_large',
      paths: ['messages'],
    });
  });

  test('with reasoning are refused for a model that takes them only without, unless the Responses API is asked', () => {
    const asked = { ...x, ...tools, model: 'gpt-5.6-luna' };
    const effort = (reasoning_effort?: string, api?: 'chat_completions' | 'responses') => (): unknown => {
      const routeOf = makeRouteOf(makeServer('https://api.openai.com/v1', { api }), new Map());
      return parseRunRequest({ ...asked, reasoning_effort }, { model: 'm', routeOf });
    };
    expect(effort('low', 'chat_completions')).toThrow(
      'reasoning_effort: must be "none" or left out: gpt-5.6-luna takes tools only with it on chat completions',
    );
    for (const taken of [
      effort('none', 'chat_completions'),
      effort(),
      effort('low'),
      effort('low', 'responses'),
    ])
      expect(taken).not.toThrow();
  });
});

describe('parseRunRequest', () => {
  test.each([
    ['text-davinci-003', '2024-01-04'],
    ['gpt-3.5-turbo-instruct', '2026-09-28'],
  ])('refuses the retired model %s, naming its replacement', (model, since) => {
    const message = `was retired on ${since}; use gpt-6-luna`;
    expect(() => parse({ prompt: 'x', model })).toThrow(`model: ${message}`);
    expect(() => parse({ prompt: 'x', settings: [{ label: 'a', model }] })).toThrow(
      `settings.0.model: ${message}`,
    );
  });

  test('takes truncation where the Responses API is asked alone', () => {
    const truncated = (model: string, api?: 'responses') => (): unknown => {
      const routeOf = makeRouteOf(makeServer('https://gpu.example.org/v1', { kind: 'vllm', api }), new Map());
      return parseRunRequest({ ...x, model, extra_body: { truncation: 'auto' } }, { model: 'm', routeOf });
    };
    expect(truncated('m', 'responses')).not.toThrow();
    expect(truncated('m')).toThrow('extra_body.truncation: is not a field that vLLM is known to take');
  });

  test('refuses an extra_body with fields that everytoken sets itself', () => {
    expect(pathsOf({ prompt: 'x', extra_body: { stream: false, pace: 0 } })).toEqual(['extra_body.stream']);
    expect(pathsOf({ prompt: 'x', settings: [{ label: 'a', extra_body: { n: 2 } }] })).toEqual([
      'settings.0.extra_body.n',
    ]);
  });

  test('requires a prompt alone', () => {
    expect(parse({ prompt: 'Explain neural nets.' })).toEqual({
      model: 'everytoken-ngram',
      prompt: 'Explain neural nets.',
      messages: [{ role: 'user', content: 'Explain neural nets.' }],
      settings: [{ label: 'default', model: 'everytoken-ngram', maxTokens: 1024 }],
      samples: 1,
      stream: false,
      background: false,
      conversation: null,
      index: true,
      store: true,
      strictSampling: false,
      checks: [],
      metadata: {},
    });
  });

  test('reads the documented example, with settings overriding the fields of the run', () => {
    const request = parse({
      prompt: 'Explain vector databases in a technical manner.',
      messages: null,
      model: 'gpt-6-luna',
      reasoning_effort: 'none',
      max_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      top_k: null,
      frequency_penalty: null,
      presence_penalty: null,
      seed: null,
      stop: null,
      logprobs: false,
      response_format: null,
      extra_body: null,
      settings: [
        { label: 'Top-k 40', top_k: 40, top_p: 1.0 },
        { label: 'Top-p 0.9', top_p: 0.9, model: 'other' },
      ],
      samples: 2,
      stream: false,
      background: false,
      index: true,
      strict_sampling: null,
      checks: null,
      metadata: { team: 'docs' },
    });
    const shared = { maxTokens: 100, reasoningEffort: 'none', temperature: 0.5, logprobs: false };
    expect(request.settings).toEqual([
      { label: 'Top-k 40', model: 'gpt-6-luna', topK: 40, topP: 1, ...shared },
      { label: 'Top-p 0.9', model: 'other', topP: 0.9, ...shared },
    ]);
    expect(request).toMatchObject({ model: 'gpt-6-luna', samples: 2, metadata: { team: 'docs' } });
  });

  test('treats null as absent in every field, in settings too', () => {
    const fields = Object.keys(runRequestSchema.shape).filter((field) => field !== 'prompt');
    expect(parse({ ...x, ...Object.fromEntries(fields.map((field) => [field, null])) })).toEqual(parse(x));
    expect(parse({ ...x, settings: [{ label: 'default', top_k: null, response_format: null }] })).toEqual(
      parse(x),
    );
  });

  test('takes top_logprobs as a request for logprobs, which a setting can override', () => {
    const of = (body: object) =>
      parse({ ...x, ...body }).settings.map(({ logprobs, topLogprobs }) => [logprobs, topLogprobs]);
    expect(of({ top_logprobs: 5 })).toEqual([[true, 5]]);
    expect(of({ top_logprobs: 0 })).toEqual([[undefined, undefined]]);
    expect(of({ top_logprobs: 0, logprobs: true })).toEqual([[true, 0]]);
    expect(of({ top_logprobs: 0, logprobs: false })).toEqual([[false, undefined]]);
    const settings = [
      { label: 'a', top_logprobs: 2 },
      { label: 'b', top_logprobs: 0 },
      { label: 'c', top_logprobs: 0, logprobs: false },
    ];
    expect(of({ top_logprobs: 20, logprobs: true, settings })).toEqual([
      [true, 2],
      [true, 0],
      [false, undefined],
    ]);
  });

  test('refuses top_logprobs where logprobs is false, at the field that asks for them', () => {
    const refusalOf = (body: object) => {
      try {
        return parse({ ...x, ...body });
      } catch (error) {
        return String(error);
      }
    };
    expect(refusalOf({ top_logprobs: 1, logprobs: false })).toContain(
      'top_logprobs: needs log probabilities, and logprobs is false; leave that out, or set it to true',
    );
    expect(refusalOf({ top_logprobs: 1, settings: [{ label: 'a', logprobs: false }] })).toContain(
      'top_logprobs: needs log probabilities, and settings.0.logprobs is false',
    );
    expect(
      refusalOf({ logprobs: false, settings: [{ label: 'a' }, { label: 'b', top_logprobs: 3 }] }),
    ).toContain('settings.1.top_logprobs: needs log probabilities, and logprobs is false');
    expect(refusalOf({ top_logprobs: 21 })).toContain('top_logprobs: must be a whole number from 0 to 20');
  });

  test('accepts a conversation instead of a prompt, and one stop string for a list of one', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Explain neural nets.', name: 'ann' },
    ];
    expect(parse({ messages, stop: 'END' })).toMatchObject({
      prompt: null,
      messages,
      settings: [{ stop: ['END'] }],
    });
  });

  test('accepts each limit itself', () => {
    const most = {
      temperature: 2,
      top_p: 1,
      top_k: 1,
      frequency_penalty: -2,
      presence_penalty: 2,
      max_tokens: 131_072,
    };
    expect(pathsOf({ ...x, ...most, stop: ['a', 'b', 'c', 'd'], samples: 64 })).toBe('accepted');
    const pairs = Array.from({ length: 16 }, (_, at): [string, string] => [
      `${at}`.padEnd(64, 'k'),
      'v'.repeat(512),
    ]);
    expect(pathsOf({ ...x, metadata: Object.fromEntries(pairs) })).toBe('accepted');
    expect(pathsOf({ prompt: 'é'.repeat(MAX_PROMPT_BYTES / 2) })).toBe('accepted');
  });

  test.each<[string, unknown, string[]]>([
    ['an array at the root', [x], ['']],
    ['a string at the root', 'prompt', ['']],
    ['a number at the root', 5, ['']],
    ['null at the root', null, ['']],
    ['nothing to say', {}, ['prompt']],
    ['an index of outputs that are not stored', { ...x, index: true, store: false }, ['index']],
    ['a conversation without a name', { ...x, conversation: '' }, ['conversation']],
    ['a name of 201 characters', { ...x, conversation: 'x'.repeat(201) }, ['conversation']],
    ['both prompt and messages', { ...x, messages: [{ role: 'user', content: 'y' }] }, ['prompt']],
    ['an unknown field', { ...x, colour: 'red', shade: 1 }, ['colour', 'shade']],
    [
      'an unknown field in a setting',
      { ...x, settings: [{ label: 'a' }, { label: 'b', colour: 1 }] },
      ['settings.1.colour'],
    ],
    [
      'a field of the run in a setting',
      { ...x, settings: [{ label: 'a', samples: 2 }] },
      ['settings.0.samples'],
    ],
    ['a blank prompt', { prompt: ' \n\t' }, ['prompt']],
    ['an empty prompt', { prompt: '' }, ['prompt']],
    ['a prompt that is no text', { prompt: 5 }, ['prompt']],
    ['no messages', { messages: [] }, ['messages']],
    ['a message without content', { messages: [{ role: 'user' }] }, ['messages.0.content']],
    ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, ['messages.0.role']],
    [
      'an answer of a tool to no call',
      { messages: [{ role: 'tool', content: 'x' }] },
      ['messages.0.tool_call_id'],
    ],
    ['an empty list of tools', { ...x, tools: [] }, ['tools']],
    [
      'a tool without a name',
      { ...x, tools: [{ type: 'function', function: {} }] },
      ['tools.0.function.name'],
    ],
    ['a choice without tools', { ...x, tool_choice: 'auto' }, ['tool_choice']],
    ['a choice of tools that is none', { ...x, ...tools, tool_choice: 'perhaps' }, ['tool_choice']],
    [
      'parallel calls in a setting without tools',
      { ...x, settings: [{ label: 'a', parallel_tool_calls: true }] },
      ['settings.0.parallel_tool_calls'],
    ],
    [
      'tools in a message',
      { messages: [{ role: 'user', content: 'x', tool_calls: [] }] },
      ['messages.0.tool_calls'],
    ],
    [
      'more than 64 generations',
      { ...x, settings: [{ label: 'a' }, { label: 'b' }], samples: 33 },
      ['samples'],
    ],
    ['65 samples', { ...x, samples: 65 }, ['samples']],
    ['no samples', { ...x, samples: 0 }, ['samples']],
    ['no settings', { ...x, settings: [] }, ['settings']],
    ['a setting without a label', { ...x, settings: [{}] }, ['settings.0.label']],
    ['a label used twice', { ...x, settings: [{ label: 'a' }, { label: 'a' }] }, ['settings.1.label']],
    ['max_tokens 0', { ...x, max_tokens: 0 }, ['max_tokens']],
    ['negative max_tokens', { ...x, max_tokens: -1 }, ['max_tokens']],
    ['fractional max_tokens', { ...x, max_tokens: 1.5 }, ['max_tokens']],
    ['huge max_tokens', { ...x, max_tokens: 131_073 }, ['max_tokens']],
    ['infinite max_tokens', JSON.parse('{"prompt":"x","max_tokens":1e999}'), ['max_tokens']],
    ['temperature above 2', { ...x, temperature: 2.01 }, ['temperature']],
    ['temperature below 0', { ...x, temperature: -0.01 }, ['temperature']],
    ['temperature as text', { ...x, temperature: '0.5' }, ['temperature']],
    ['top_p below 0', { ...x, top_p: -0.1 }, ['top_p']],
    ['top_p above 1', { ...x, top_p: 1.01 }, ['top_p']],
    ['top_k 0', { ...x, top_k: 0 }, ['top_k']],
    ['fractional top_k', { ...x, top_k: 1.5 }, ['top_k']],
    [
      'penalties out of range',
      { ...x, frequency_penalty: 2.1, presence_penalty: -2.1 },
      ['frequency_penalty', 'presence_penalty'],
    ],
    ['five stops', { ...x, stop: ['a', 'b', 'c', 'd', 'e'] }, ['stop']],
    ['an empty stop', { ...x, stop: [''] }, ['stop.0']],
    [
      'sampling out of range in a setting',
      { ...x, settings: [{ label: 'a', top_p: 2 }] },
      ['settings.0.top_p'],
    ],
    ['an unknown effort', { ...x, reasoning_effort: 'most' }, ['reasoning_effort']],
    ['a lone surrogate in the prompt', { prompt: 'x\ud800' }, ['prompt']],
    [
      'a lone surrogate in a message',
      { messages: [{ role: 'user', content: '\udc00' }] },
      ['messages.0.content'],
    ],
    ['a lone surrogate in a label', { ...x, settings: [{ label: '\ud800' }] }, ['settings.0.label']],
    [
      'a lone surrogate in a pattern',
      { ...x, checks: [{ type: 'regex', pattern: '\ud800' }] },
      ['checks.0.pattern'],
    ],
    [
      'a lone surrogate in a schema',
      { ...x, checks: [{ type: 'json_schema', schema: { properties: { '\ud800': {} } } }] },
      ['checks.0.schema'],
    ],
    [
      'a lone surrogate in response_format',
      { ...x, response_format: { type: 'json_schema', json_schema: { name: '\ud800' } } },
      ['response_format'],
    ],
    ['a lone surrogate in extra_body', { ...x, extra_body: { user: ['\ud800'] } }, ['extra_body']],
    ['a lone surrogate in metadata', { ...x, metadata: { team: '\ud800' } }, ['metadata.team']],
    [
      '17 pairs of metadata',
      { ...x, metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`${at}`, ''])) },
      ['metadata'],
    ],
    [
      'a metadata key over 64 characters',
      { ...x, metadata: { ['k'.repeat(65)]: '' } },
      [`metadata.${'k'.repeat(65)}`],
    ],
    [
      'a metadata value over 512 characters',
      { ...x, metadata: { team: 'v'.repeat(513) } },
      ['metadata.team'],
    ],
    ['a metadata value that is no text', { ...x, metadata: { team: 5 } }, ['metadata.team']],
    ['stream and background together', { ...x, stream: true, background: true }, ['stream']],
    ['stream as text', { ...x, stream: 'yes' }, ['stream']],
    ['an empty list of checks', { ...x, checks: [] }, ['checks']],
    ['a check of no known type', { ...x, checks: [{ type: 'grade' }] }, ['checks.0.type']],
    ['a check without its value', { ...x, checks: [{ type: 'contains' }] }, ['checks.0.value']],
    [
      'a check with a field too many',
      { ...x, checks: [{ type: 'max_length', value: 1, units: 'words' }] },
      ['checks.0.units'],
    ],
    ['a response_format of no kind', { ...x, response_format: { type: 'yaml' } }, ['response_format.type']],
    [
      'a response_format of no kind in a setting',
      { ...x, settings: [{ label: 'a', response_format: {} }] },
      ['settings.0.response_format.type'],
    ],
    ['a __proto__ key', JSON.parse('{"prompt":"x","__proto__":{"stream":true}}'), ['__proto__']],
    [
      'a value of metadata that is no text, under any name',
      JSON.parse('{"prompt":"x","metadata":{"__proto__":{"a":"b"},"toString":1}}'),
      ['metadata.toString', 'metadata.__proto__'],
    ],
    [
      'a __proto__ key deep in extra_body',
      JSON.parse('{"prompt":"x","extra_body":{"a":[{"__proto__":{"b":1}}]}}'),
      ['extra_body.a.0.__proto__'],
    ],
    [
      'several wrong fields at once',
      { ...x, top_p: -1, max_tokens: 0, colour: 1 },
      ['max_tokens', 'top_p', 'colour'],
    ],
  ])('refuses %s', (_name, body, paths) => expect(pathsOf(body)).toEqual(paths));

  test('changes no prototype', () => {
    refusalOf(
      JSON.parse('{"prompt":"x","__proto__":{"polluted":1},"extra_body":{"__proto__":{"polluted":1}}}'),
    );
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('refuses a prompt over its limit with a code of its own, counted in UTF-8', () => {
    const limit = { code: 'prompt_too_large' };
    expect(refusalOf({ prompt: 'é'.repeat(MAX_PROMPT_BYTES / 2 + 1) })).toEqual({
      ...limit,
      paths: ['prompt'],
    });
    const half = { role: 'user', content: 'x'.repeat(MAX_PROMPT_BYTES / 2 + 1) };
    const thought = { id: 'rs_1', summary: ['x'], encrypted_content: 'x'.repeat(MAX_PROMPT_BYTES) };
    const reasoned = { role: 'assistant', content: '', reasoning: [thought] };
    expect(refusalOf({ messages: [reasoned] })).toMatchObject(limit);
    expect(refusalOf({ messages: [half, half] })).toEqual({ ...limit, paths: ['messages'] });
  });

  test('takes 64 KiB of stop, response_format and extra_body, and refuses one byte more, at the largest of them', () => {
    const limit = 64 * 1024;
    // 13 bytes are around the text of the format, 4 around the stop, 2 are the braces of an empty body.
    const format = (bytes: number) => ({ type: 'text', x: 'é'.repeat((bytes - 22) / 2) });
    expect(refusalOf({ ...x, response_format: format(limit) })).toBe('accepted');
    const own = { response_format: format(limit - 1_000), extra_body: {} };
    expect(refusalOf({ ...x, ...own, stop: ['s'.repeat(1_000 - 6)] })).toBe('accepted');
    expect(refusalOf({ ...x, ...own, stop: ['s'.repeat(1_000 - 5)] })).toEqual({
      code: 'fields_too_large',
      paths: ['response_format'],
    });
  });

  test('counts these fields over all settings together', () => {
    const settings = Array.from({ length: 20 }, (_, at) => ({
      label: `s${at}`,
      extra_body: { user: 'x'.repeat(at === 7 ? 4_000 : 3_500) },
    }));
    expect(refusalOf({ ...x, settings })).toEqual({
      code: 'fields_too_large',
      paths: ['settings.7.extra_body'],
    });
    expect(refusalOf({ ...x, settings: settings.slice(0, 16) })).toBe('accepted');
    expect(refusalOf({ ...x, settings: settings.slice(0, 16), stop: 'x'.repeat(9_000) })).toEqual({
      code: 'fields_too_large',
      paths: ['stop'],
    });
  });

  test('says how large these fields are, how large they may be, and what to do', () => {
    expect(() => parse({ ...x, stop: 'x'.repeat(70_000) })).toThrow(
      'stop: stop, response_format and extra_body have 70004 bytes of JSON together, and at most 65536 are allowed; shorten this one',
    );
  });

  test('refuses models that are not allowed, when a list of allowed ones is set', () => {
    expect(refusalOf({ ...x, model: 'b' }, ['everytoken-ngram'])).toEqual({
      code: 'invalid_input',
      paths: ['model'],
    });
    expect(refusalOf({ ...x, settings: [{ label: 'a', model: 'b' }] }, ['everytoken-ngram'])).toMatchObject({
      paths: ['settings.0.model'],
    });
    expect(refusalOf(x, ['everytoken-ngram'])).toBe('accepted');
    expect(refusalOf({ ...x, model: 'a-model-of-tomorrow' })).toBe('accepted');
  });

  test('turns any JSON into a request within the limits or an InvalidInputError', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, 1, 2, 64, 0.5, 'x', true, null));
    const setting = fc.dictionary(
      fc.constantFrom('label', 'model', 'top_k', 'top_p', 'temperature', 'stop', 'seed'),
      value,
    );
    const field = fc.constantFrom(...Object.keys(runRequestSchema.shape), 'checks', 'other');
    const body = fc
      .tuple(
        fc.dictionary(field, value),
        fc.string({ unit: 'binary' }),
        fc.option(fc.array(setting, { maxLength: 4 }), { nil: undefined }),
      )
      .map(([fields, prompt, settings]) => ({ prompt, ...fields, ...(settings && { settings }) }));
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof({ weight: 4, arbitrary: body }, { weight: 1, arbitrary: fc.jsonValue() }),
        (sent) => {
          const before = JSON.stringify(sent);
          try {
            const request = parse(sent);
            accepted++;
            expect(request.settings.length * request.samples).toBeLessThanOrEqual(64);
            expect(new Set(request.settings.map(({ label }) => label)).size).toBe(request.settings.length);
            expect(promptBytes(request)).toBeGreaterThan(0);
            for (const { maxTokens, model } of request.settings) {
              expect(maxTokens).toBeGreaterThanOrEqual(1);
              expect(model).not.toBe('');
            }
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidInputError);
          }
          expect(JSON.stringify(sent)).toBe(before);
        },
      ),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});

describe('acceptedRunRequest', () => {
  test('accepts a model that was retired after the request was accepted', () => {
    const { settings } = acceptedRunRequest({ prompt: 'x', model: 'text-davinci-003' }, DEFAULTS);
    expect(settings).toEqual([{ label: 'default', model: 'text-davinci-003', maxTokens: 1024 }]);
  });

  test('uses the model that was the default then', () => {
    expect(acceptedRunRequest({ prompt: 'x', model: null }, { model: 'of-then' }).model).toBe('of-then');
  });
});
