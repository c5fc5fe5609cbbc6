import { type Draw, drawBytes, drawOddText, drawWords, makeDraw } from './draw.ts';

/** An answer of a model server as it goes over the wire, and what becomes of a generation that gets it. */
export type ModelAnswer = {
  /** The way in which it is odd. */
  kind: string;
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** The completion's id, in each event that has one. */
  id: string;
  /** `either`: the answer can be read or not, as in a stream that is cut somewhere. */
  end: 'completed' | 'failed' | 'either';
  /** The text of a generation that this answer completes; undefined where it is not known. */
  text: string | undefined;
  /** The calls of tools that it has; absent where it has none, or they are not known. */
  calls?: DrawnCall[];
};

type DrawnCall = { name: string; text: string };

const STREAM = 2_000_000; // answer n draws from stream `STREAM + n`
const EVENT_STREAM = 'text/event-stream';
/** In the text of an answer, for an embeddings server that refuses such texts for good. */
export const POISON = '\u2620';

type Json = Record<string, unknown>;

/** Draws answer `number`. The same seed and number give the same answer. */
export const drawModelAnswer = (seed: number, number: number): ModelAnswer => {
  const draw = makeDraw(seed, STREAM + number);
  const kind = draw.pick(KINDS);
  return { kind, ...ANSWERS[kind](draw, `chatcmpl-odd-${seed}-${number}`) };
};

/** The text of an answer, in pieces that may cut a character in two. */
const drawPieces = (draw: Draw): string[] => {
  const text = `${drawWords(draw)} 👩‍👩‍👧${drawOddText(draw)}${draw.chance(0.05) ? POISON : ''} ${drawWords(draw)}`;
  return cutAnywhere(draw, text);
};

/** The places where servers put a piece of text within a choice. */
const SHAPES: ((text: string) => Json)[] = [
  (text) => ({ delta: { content: text } }),
  (text) => ({ delta: { content: [{ type: 'text', text }] } }),
  (text) => ({
    delta: {
      content: [
        { type: 'reference', reference_ids: [1] },
        { type: 'text', text },
      ],
    },
  }),
  (text) => ({ delta: { content: [text] } }),
  (text) => ({ delta: { content: { type: 'text', text } } }),
  (text) => ({ message: { role: 'assistant', content: text } }),
  (text) => ({ delta: null, message: { content: [{ type: 'text', text }] } }),
  (text) => ({ text }),
];

const THOUGHTS: Json[] = [
  { delta: { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] } },
  { delta: { reasoning_content: 'Hm.', content: null } },
  { delta: { reasoning: 'Hm.', content: '' } },
];

/** Events without text that come before the finish reason. */
const NOISE = ['null', '"ping"', '3', 'true', '[]', '{}', '{"choices":[]}', '{"choices":null}', ' '];

type StreamParts = { events: string[]; text: string };

/** The events of a whole answer, without framing. */
const drawEvents = (draw: Draw, id: string): StreamParts => {
  const pieces = drawPieces(draw);
  const shape = draw.pick(SHAPES);
  const eventOf = (choice: Json, more: Json = {}) =>
    JSON.stringify({
      ...{ id, object: 'chat.completion.chunk', model: 'odd-1' },
      choices: [{ index: 0, finish_reason: null, ...choice }],
      ...more,
    });
  const usage = { prompt_tokens: 9, completion_tokens: pieces.length, total_tokens: 9 + pieces.length };
  const usageEvent = JSON.stringify({ id, choices: [], usage });
  const events = [eventOf({ delta: { role: 'assistant', content: '' } })];
  if (draw.chance(0.2)) events.push(eventOf(draw.pick(THOUGHTS)));
  for (const piece of pieces) {
    if (draw.chance(0.1)) events.push(draw.pick(NOISE));
    events.push(eventOf(draw.chance(0.9) ? shape(piece) : { delta: { content: piece } }));
  }
  if (draw.chance(0.2)) events.push(usageEvent);
  events.push(eventOf({ delta: {}, finish_reason: 'stop' }, draw.chance(0.2) ? { usage } : {}));
  if (draw.chance(0.2))
    events.push(...draw.pick([['null'], ['{"cut": '], ['{"error": {"message": "late"}}'], ['x']]));
  else if (draw.chance(0.6)) events.push(usageEvent);
  if (draw.chance(0.1)) events.push(JSON.stringify({ id, choices: [], usage: {} }));
  return { events, text: pieces.join('').toWellFormed() };
};

/** The ways in which servers send calls of tools: the choices of one call after the other, or of all at once. */
const CALL_SHAPES: ((calls: DrawnCall[], cut: (text: string) => string[]) => Json[])[] = [
  // As OpenAI does.
  (calls, cut) =>
    calls.flatMap(({ name, text }, index) => [
      ofCalls([{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }]),
      ...cut(text).map((piece) => ofCalls([{ index, function: { arguments: piece } }])),
    ]),
  // With the id and the name in each part.
  (calls, cut) =>
    calls.flatMap(({ name, text }, index) =>
      cut(text).map((piece) =>
        ofCalls([{ index, id: `call_${index}`, function: { name, arguments: piece } }]),
      ),
    ),
  // Each whole, without a number, and without an id.
  (calls) => calls.map(({ name, text }) => ofCalls([{ function: { name, arguments: text } }])),
  // All with the same number.
  (calls) =>
    calls.map(({ name, text }, at) =>
      ofCalls([{ index: 0, id: `c${at}`, function: { name, arguments: text } }]),
    ),
  (calls) => [ofCalls(calls.map(({ name, text }) => ({ function: { name, arguments: JSON.parse(text) } })))],
  (calls) => [
    {
      message: {
        role: 'assistant',
        tool_calls: calls.map(({ name, text }, at) => ({
          id: `c${at}`,
          function: { name, arguments: text },
        })),
      },
    },
  ],
];

const ofCalls = (tool_calls: Json[]): Json => ({ delta: { tool_calls } });

const drawCalls = (draw: Draw): DrawnCall[] =>
  Array.from({ length: 1 + draw.below(4) }, (_, at) => ({
    name: `tool_${at}`,
    text: JSON.stringify({ words: `${drawWords(draw)} 👩‍👩‍👧`, at }),
  }));

/** Cuts a text anywhere, also within a character. */
const cutAnywhere = (draw: Draw, text: string): string[] => {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + draw.below(8);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
};

/** Frames events as servers do: line ends, fields beside `data`, comments, a byte order mark, odd ends. */
const framed = (draw: Draw, events: readonly string[]): Buffer => {
  const end = draw.pick(['\n', '\n', '\r\n', '\r']);
  const before = draw.pick(['', '', 'event: message', 'id: 3', ': a comment', 'retry: 10']);
  const prefix = draw.pick(['data: ', 'data:']);
  const frame = (data: string) => `${before === '' ? '' : before + end}${prefix}${data}${end}${end}`;
  const done = draw.pick(['[DONE]', '[DONE]', ' [DONE]', '[DONE] ', '']);
  const text = events.map(frame).join('') + (done === '' ? '' : `data: ${done}${end}${end}`);
  const mark = draw.chance(0.1) ? '\ufeff' : '';
  return Buffer.from(mark + (draw.chance(0.2) ? text.trimEnd() : text));
};

const TYPES = [
  EVENT_STREAM,
  EVENT_STREAM,
  'text/event-stream; charset=utf-8',
  'application/json',
  'text/plain',
  'application/octet-stream',
  'application/json, text/event-stream',
];

const typed = (type: string): Record<string, string> => ({ 'content-type': type });

const WORDS = ['too many tokens for this model', 'Provider returned error', 'overloaded', 'rejected'];
const CODES = [400, 422, 429, 500, 502, 503];

/** An error in one of the shapes of model servers. */
const drawError = (draw: Draw): { code: number; error: unknown } => {
  const code = draw.pick(CODES);
  const message = draw.pick(WORDS);
  const shapes: unknown[] = [
    { error: { message, type: 'server_error', param: null, code } },
    { error: { message, code: String(code) } },
    { error: message, code },
    { object: 'error', message, type: 'BadRequestError', param: null, code },
    { error: { message: { detail: [{ loc: ['body', 'x'], msg: message }] }, code } },
    { object: 'error', message: { detail: [{ loc: ['body', 'x'], msg: message }] }, code },
    { detail: message },
    { detail: [{ loc: ['body', 'messages'], msg: message, type: 'value_error' }] },
    { errors: [{ message, code }] },
    [{ error: { code, message, status: 'RESOURCE_EXHAUSTED' } }],
    { error: { code, message, metadata: { provider_name: 'x', raw: {} } }, user_id: 'u' },
  ];
  return { code, error: draw.pick(shapes) };
};

type Answer = Omit<ModelAnswer, 'kind'>;
type DrawAnswer = (draw: Draw, id: string) => Answer;

const failed = (id: string, answer: Pick<ModelAnswer, 'status' | 'headers' | 'body'>): Answer => ({
  ...answer,
  ...{ id, end: 'failed', text: undefined },
});

const drawStream: DrawAnswer = (draw, id) => {
  const { events, text } = drawEvents(draw, id);
  const headers = draw.chance(0.05) ? {} : typed(draw.pick(TYPES));
  return { status: 200, headers, body: framed(draw, events), id, end: 'completed', text };
};

const ANSWERS = {
  'other shape': drawStream,
  'other framing': drawStream,
  'calls of tools': (draw, id) => {
    const calls = drawCalls(draw);
    const text = draw.pick(['', 'I look it up.']);
    const choices: Json[] = [
      ...(text === '' ? [] : [{ delta: { content: text } }]),
      ...draw.pick(CALL_SHAPES)(calls, (whole) => cutAnywhere(draw, whole)),
      { delta: {}, finish_reason: draw.pick(['tool_calls', 'tool_calls', 'stop']) },
    ];
    const events = choices.map((choice) =>
      JSON.stringify({ id, model: 'odd-1', choices: [{ index: 0, finish_reason: null, ...choice }] }),
    );
    const body = framed(draw, events);
    return { status: 200, headers: typed(draw.pick(TYPES)), body, id, end: 'completed', text, calls };
  },
  'whole completion': (draw, id) => {
    const text = drawPieces(draw).join('');
    const content = draw.pick([text, [{ type: 'text', text }]]);
    const message = { role: 'assistant', content, refusal: null };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
    const whole = JSON.stringify(
      { id, object: 'chat.completion', model: 'odd-1', choices, usage },
      null,
      draw.below(3),
    );
    return {
      ...{ status: 200, headers: typed(draw.pick(['application/json', 'text/plain', EVENT_STREAM])) },
      ...{
        body: Buffer.from(draw.pick(['', '\n ']) + whole),
        id,
        end: 'completed',
        text: text.toWellFormed(),
      },
    };
  },
  'error over HTTP': (draw, id) => {
    const { code, error } = drawError(draw);
    return failed(id, {
      status: code,
      headers: typed('application/json'),
      body: Buffer.from(JSON.stringify(error)),
    });
  },
  'error in a stream': (draw, id) => {
    const { events } = drawEvents(draw, id);
    const cut = events.slice(0, draw.below(events.findIndex((event) => event.includes('"stop"'))));
    const body = framed(draw, [...cut, JSON.stringify(drawError(draw).error)]);
    return failed(id, { status: 200, headers: typed(EVENT_STREAM), body });
  },
  'error in a choice': (draw, id) => {
    const error = { code: draw.pick(CODES), message: draw.pick(WORDS) };
    const choice = { index: 0, delta: { content: '' }, finish_reason: 'error', error };
    const body = framed(draw, [JSON.stringify({ id, choices: [choice] })]);
    return failed(id, { status: 200, headers: typed(EVENT_STREAM), body });
  },
  'error in place of a stream': (draw, id) => {
    const body = Buffer.from(JSON.stringify(drawError(draw).error));
    return failed(id, { status: 200, headers: typed('application/json'), body });
  },
  'no completion': (draw, id) => {
    const body = draw.pick([
      '',
      '<!doctype html><title>Sign in</title>',
      '{}',
      '[]',
      'null',
      'ok',
      '{"choices": []}',
    ]);
    const type = draw.pick(['text/html', 'application/json', 'text/plain', EVENT_STREAM]);
    return failed(id, {
      status: draw.pick([200, 200, 201, 204, 400, 418, 500, 599]),
      headers: typed(type),
      body: Buffer.from(body),
    });
  },
  'cut anywhere': (draw, id) => {
    const { body, text } = drawStream(draw, id);
    const cut = body.subarray(0, draw.below(body.length));
    return { status: 200, headers: typed(EVENT_STREAM), body: cut, id, end: 'either', text };
  },
  'flipped bytes': (draw, id) => {
    const { body } = drawStream(draw, id);
    for (let flips = 1 + draw.below(3); flips > 0; flips -= 1)
      body[draw.below(body.length)] = draw.below(256);
    return { status: 200, headers: typed(draw.pick(TYPES)), body, id, end: 'either', text: undefined };
  },
  bytes: (draw, id) => {
    const headers = typed(draw.pick(TYPES));
    if (draw.chance(0.3)) headers['content-encoding'] = 'gzip';
    return failed(id, {
      status: draw.pick([200, 400, 500]),
      headers,
      body: drawBytes(draw, 1 + draw.below(300)),
    });
  },
} satisfies Record<string, DrawAnswer>;
const KINDS = Object.keys(ANSWERS) as (keyof typeof ANSWERS)[];
