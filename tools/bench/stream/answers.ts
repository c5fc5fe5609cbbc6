import { responseEventMaker } from '../truth/sse-events.ts';

/** The forms of a streamed answer that are measured, as the legend explains them. */
export const SHAPES = {
  short: 'a token an event, of five letters on average',
  long: 'sixteen tokens an event',
  usage: 'a token an event, with the usage so far in each (continuous_usage_stats)',
  logprobs: 'a token an event, with its log probability and those of five alternatives',
  tools: 'the arguments of a call of a function, a token an event',
  responses: 'a token an event of the Responses API',
} as const;

export type Shape = keyof typeof SHAPES;

export const SHAPE_NAMES = Object.keys(SHAPES) as Shape[];

export const isShape = (name: unknown): name is Shape =>
  typeof name === 'string' && Object.hasOwn(SHAPES, name);

/** An answer as its server sends it: `chars` are the UTF-16 units of its text, or of its call's arguments. */
export type Answer = { events: string[]; tokens: number; chars: number };

const WORDS =
  ' the vectors of an index are close to each other when their texts mean the same , so a search reads only the nearest ones .'
    .split(/(?= )/)
    .map((word) => word.replace(/ (?=[,.])/, ''));

const LONG_EVENT = 16;
const ALTERNATIVES = 5;
const CREATED = 1_795_000_000;

/** The answer of a shape whose tokens come in so many events; always the same one. */
export const answerOf = (shape: Shape, events: number): Answer => {
  const tokens = shape === 'long' ? events * LONG_EVENT : events;
  const words = Array.from({ length: tokens }, (_, at) => WORDS[at % WORDS.length] ?? '');
  const chars = words.join('').length;
  if (shape === 'responses') return { events: responseEvents(words), tokens, chars };
  if (shape === 'tools') return { events: toolEvents(words), tokens, chars: chars + '{"text":""}'.length };
  return { events: chatEvents(shape, words), tokens, chars };
};

/** An answer's bytes in chunked transfer coding: each event is a chunk of its own, as model servers write it. */
export const framedBody = ({ events }: Answer): Buffer =>
  Buffer.from(
    [...events.map((event) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`), '0\r\n\r\n'].join(
      '',
    ),
  );

const chunk = (shape: Shape, fields: object): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-C9f0a7Q2mWkXr5dTzLbE8sVnYhGpJ',
    object: 'chat.completion.chunk',
    created: CREATED,
    model: shape,
    system_fingerprint: 'fp_44709d6fcb',
    ...fields,
  })}\n\n`;

const choice = (delta: object, rest: object = {}): object => ({
  choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...rest }],
});

const usageOf = (tokens: number): object => ({
  usage: {
    prompt_tokens: 24,
    completion_tokens: tokens,
    total_tokens: 24 + tokens,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
});

const chatEvents = (shape: Shape, words: string[]): string[] => {
  const size = shape === 'long' ? LONG_EVENT : 1;
  const groups = Array.from({ length: Math.ceil(words.length / size) }, (_, at) =>
    words.slice(at * size, (at + 1) * size),
  );
  const running = (tokens: number) => (shape === 'usage' ? usageOf(tokens) : {});
  return [
    chunk(shape, { ...choice({ role: 'assistant', content: '' }), ...running(0) }),
    ...groups.map((group, at) =>
      chunk(shape, {
        ...choice({ content: group.join('') }, shape === 'logprobs' ? logprobsOf(group) : {}),
        ...running(at * size + group.length),
      }),
    ),
    chunk(shape, { ...choice({}, { finish_reason: 'stop' }), ...running(words.length) }),
    chunk(shape, { choices: [], ...usageOf(words.length) }),
    'data: [DONE]\n\n',
  ];
};

const logprobsOf = (words: string[]): object => ({
  logprobs: {
    content: words.map((token) => ({
      ...scored(token, 0),
      top_logprobs: Array.from({ length: ALTERNATIVES }, (_, at) => scored(at === 0 ? token : ` w${at}`, at)),
    })),
    refusal: null,
  },
});

const scored = (token: string, rank: number): object => ({
  token,
  logprob: -0.105_360_5 - rank * 1.375,
  bytes: [...Buffer.from(token)],
});

const toolEvents = (words: string[]): string[] => {
  const part = (given: string) =>
    chunk('tools', choice({ tool_calls: [{ index: 0, function: { arguments: given } }] }));
  const named = {
    index: 0,
    id: 'call_q7Yb2VnZk0cTfLx9',
    type: 'function',
    function: { name: 'keep', arguments: '' },
  };
  return [
    chunk('tools', choice({ role: 'assistant', content: null, tool_calls: [named] })),
    part('{"text":"'),
    ...words.map(part),
    part('"}'),
    chunk('tools', choice({}, { finish_reason: 'tool_calls' })),
    chunk('tools', { choices: [], ...usageOf(words.length) }),
    'data: [DONE]\n\n',
  ];
};

const responseEvents = (words: string[]): string[] => {
  const event = responseEventMaker('resp_68af4030592c81938ec0a5fbab4a3e9f', 'responses');
  return [
    event.role(),
    ...words.map((word) => event.content([word], false)),
    event.finish(),
    event.usage(words.length, 0),
  ].filter((text) => text !== '');
};
