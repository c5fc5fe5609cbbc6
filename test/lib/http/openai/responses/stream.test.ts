import fc from 'fast-check';
import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { responseEventSchema } from '../../../../../lib/http/openai/responses/schemas.ts';
import type { TokenLogprob } from '../../../../../lib/runs/token-logprobs.ts';
import { makeTokenLogprob } from '../../../../factories/generation.ts';
import { makeResponsesApp, type Step } from '../../../../fixtures/responses-app.ts';

type Event = OpenAI.Responses.ResponseStreamEvent;
const input = 'Explain neural nets.';

const eventsOf = async (stream: AsyncIterable<Event>): Promise<Event[]> => {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  for (const event of events) responseEventSchema.parse(event);
  return events;
};

const streamed = async (openai: OpenAI, more: object = {}): Promise<Event[]> =>
  eventsOf(await openai.responses.create({ input, stream: true, ...more }));

const begins = (call: number, id: string, name: string, type: 'function' | 'custom' = 'function'): Step => ({
  begins: { call, id, type, name },
});

describe('a response, streamed', () => {
  test('has every event of a text in OpenAI’s order', async () => {
    const { openai } = makeResponsesApp();
    const events = await streamed(openai);
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(events[0]).toMatchObject({ response: { status: 'in_progress', output: [], usage: null } });
    expect(events.at(-1)).toMatchObject({
      response: { status: 'completed', usage: { output_tokens: 3 }, everytoken: { cost_usd: 0.0000015 } },
    });
    expect(openai.answers[0]?.headers.get('content-type')).toContain('text/event-stream');
  });

  test('has events of reasoning, its summaries, refusals and calls, with the arguments as they come', async () => {
    const ended = { id: 'rs_1', at: 0, summary: ['First.', 'Then.'], encrypted_content: 'gAAA' };
    const { openai } = makeResponsesApp(() => [
      { reasoning: { id: 'rs_1', at: 0 } },
      { reasoning: { id: 'rs_1', at: 0, part: { index: 0, text: 'First.' } } },
      { reasoning: { id: 'rs_1', at: 0, part: { index: 1, text: 'Then' } } },
      { reasoning: { id: 'rs_1', at: 0, ended } },
      { text: 'No.', kind: 'refusal' },
      begins(0, 'call_1', 'weather'),
      { args: '{"a"', call: 0 },
      { args: ':1}', call: 0 },
      begins(1, 'call_2', 'sql', 'custom'),
      { args: 'SELECT 1', call: 1 },
    ]);
    const events = await streamed(openai, { include: ['reasoning.encrypted_content'] });
    expect(events.map(({ type }) => type.replace('response.', '')).slice(2, -1)).toEqual([
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
    ]);
    expect(events.find(({ type }) => type === 'response.output_item.done')).toMatchObject({
      item: { id: 'rs_1', encrypted_content: 'gAAA', summary: [{ text: 'First.' }, { text: 'Then.' }] },
    });
  });

  test('keeps calls apart whose parts come in turn', async () => {
    const { openai } = makeResponsesApp(() => [
      begins(0, 'call_1', 'a'),
      { args: '{"x"', call: 0 },
      begins(1, 'call_2', 'b'),
      { args: '{"y"', call: 1 },
      { args: ':1}', call: 0 },
      { args: ':2}', call: 1 },
    ]);
    const last = (await streamed(openai)).at(-1);
    expect(last).toMatchObject({
      type: 'response.completed',
      response: { output: [{ arguments: '{"x":1}' }, { arguments: '{"y":2}' }] },
    });
  });

  test('waits for the name of a tool that comes later', async () => {
    const { openai } = makeResponsesApp(() => [
      begins(0, 'call_1', ''),
      begins(0, 'call_1', 'weather'),
      { args: '{}', call: 0 },
    ]);
    const added = (await streamed(openai)).filter(({ type }) => type === 'response.output_item.added');
    expect(added).toMatchObject([{ item: { name: 'weather', arguments: '' } }]);
  });

  test('pads what adds text where the client asks for it', async () => {
    const { openai } = makeResponsesApp();
    const events = await streamed(openai, { stream_options: { include_obfuscation: true } });
    const padded = events.filter((event) => 'obfuscation' in event).map(({ type }) => type);
    expect(padded).toEqual(['response.output_text.delta', 'response.output_text.delta']);
  });
});

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 });
const calls = fc.record({
  pieces: fc.array(words, { minLength: 1, maxLength: 3 }),
  type: fc.constantFrom('function' as const, 'custom' as const),
});
const shown = fc.oneof(
  fc.record({ text: words }),
  fc.record({ text: words, kind: fc.constant('refusal' as const) }),
  fc.record({ text: fc.constant('x'), logprobs: fc.constant<TokenLogprob[]>([makeTokenLogprob('x')]) }),
);

/** Of a server of chat completions: texts of all kinds, and calls whose arguments come in pieces. */
const ofChat = fc.array(
  fc.oneof(shown, fc.record({ text: words, kind: fc.constant('reasoning' as const) }), calls),
  { maxLength: 8 },
);
/** Of a server of the Responses API: reasoning is an item with summaries, which its answer or its calls follow. */
const thought = fc.record({
  parts: fc.array(words, { maxLength: 3 }),
  thoughts: fc.array(words, { maxLength: 2 }),
});
const ofResponses = fc
  .tuple(fc.tuple(thought, shown), fc.array(fc.tuple(thought, calls), { maxLength: 3 }))
  .map(([answer, called]) => [...answer, ...called.flat()]);

const answers: fc.Arbitrary<Step[]> = fc
  .oneof(ofChat, ofResponses)
  .map((drawn) => {
    let made = 0;
    return drawn.flatMap((each, at): Step[] => {
      if ('text' in each) return [each];
      if ('parts' in each) {
        const place = { id: `rs_${at}`, at: 0 };
        return [
          { reasoning: place },
          ...each.parts.map((text, index) => ({ reasoning: { ...place, part: { index, text } } })),
          ...each.thoughts.map((text): Step => ({ text, kind: 'reasoning' })),
          { reasoning: { ...place, ended: { ...place, summary: each.parts } } },
        ];
      }
      const call = made++;
      return [
        begins(call, `call_${call}`, `tool_${call}`, each.type),
        ...each.pieces.map((args) => ({ args, call })),
      ];
    });
  })
  .map(withPlaces);

/** Reasoning items at the places that they come at. */
function withPlaces(steps: Step[]): Step[] {
  let items = 0;
  let current = '';
  return steps.map((step) => {
    const isWithin = current.startsWith('rs_') && 'text' in step && step.kind === 'reasoning';
    const kind = isWithin ? current : kindOf(step);
    if (kind === 'begins' || (kind !== 'args' && kind !== current)) {
      items += 1;
      current = kind;
    }
    if (!('reasoning' in step)) return step;
    const at = items - 1;
    const { ended } = step.reasoning;
    if (ended) current = '';
    return { reasoning: { ...step.reasoning, at, ...(ended && { ended: { ...ended, at } }) } };
  });
}

const kindOf = (step: Step): string => {
  if ('begins' in step) return 'begins';
  if ('args' in step) return 'args';
  if ('reasoning' in step) return step.reasoning.id;
  return step.kind === 'reasoning' ? 'thought' : 'message';
};

describe('every stream', () => {
  test('numbers its events, nests its pairs, joins to what it says is done, and ends as the response is read', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (steps) => {
        const { openai } = makeResponsesApp(() => steps);
        const events = await streamed(openai);
        expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
        requireNested(events);
        requireJoined(events);
        const last = events.at(-1);
        if (last?.type !== 'response.completed') throw new Error(`it ended with ${last?.type}`);
        const { output_text: _joinedBySdk, ...read } = await openai.responses.retrieve(last.response.id);
        expect(last.response).toMatchObject(read);
        const replayed = await eventsOf(await openai.responses.retrieve(last.response.id, { stream: true }));
        expect(replayed).toEqual(events);
        const final = await openai.responses.stream({ response_id: last.response.id }).finalResponse();
        expect(final.output).toMatchObject(read.output);
      }),
      { numRuns: 15 },
    );
  });
});

/** Every part and item that begins ends once, a part within its item. */
const requireNested = (events: Event[]) => {
  const open = new Map<string, number>();
  for (const [at, event] of events.entries()) {
    if (!('output_index' in event)) continue;
    const [, what = '', end] = /^response\.(\w+)\.(added|done)$/.exec(event.type) ?? [];
    const part =
      'content_index' in event ? event.content_index : 'summary_index' in event ? event.summary_index : '';
    const key = `${what} ${event.output_index} ${part}`;
    if (end === 'added') {
      expect([key, open.has(key)]).toEqual([key, false]);
      open.set(key, at);
    } else if (['output_item', 'content_part', 'reasoning_summary_part'].includes(what)) {
      expect([key, open.delete(key)]).toEqual([key, true]);
    }
    if (what !== 'output_item') expect(open.has(`output_item ${event.output_index} `)).toBe(true);
  }
  expect([...open]).toEqual([]);
};

const requireJoined = (events: Event[]) => {
  const joined = new Map<string, string>();
  for (const event of events) {
    if (!('output_index' in event)) continue;
    const of = event.type.replace(/\.(delta|done)$/, '');
    const part =
      'content_index' in event ? event.content_index : 'summary_index' in event ? event.summary_index : '';
    const key = `${of} ${event.output_index} ${part}`;
    if ('delta' in event) joined.set(key, `${joined.get(key) ?? ''}${event.delta}`);
    else if (event.type.endsWith('.done') && joined.has(key)) {
      const { text, refusal, arguments: args, input: given } = event as unknown as Record<string, string>;
      expect([key, joined.get(key)]).toEqual([key, text ?? refusal ?? args ?? given]);
    }
  }
};
