import { beforeEach, describe, expect, test } from 'vitest';
import { embedRuns } from '../../../../lib/embed/embed-runs.ts';
import type { GenerateOne } from '../../../../lib/generate/generate-one.ts';
import { runSchema } from '../../../../lib/http/runs/schemas.ts';
import type { ToolCall } from '../../../../lib/runs/tool-call.ts';
import { beginAttempt, makeGeneration, makeTrace } from '../../../factories/generation.ts';
import { eventsOf } from '../../../fixtures/http.ts';
import { readRun } from '../../../fixtures/run-view.ts';
import { makeWorld, type World } from '../../../memory/world.ts';
import { makeWorldApi } from '../../../memory/world-api.ts';

const TOOLS = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }];
const CALL: ToolCall = {
  id: 'call_1',
  type: 'function',
  function: { name: 'look_up', arguments: '{"at":1}' },
};

/** The first sample calls the tool and says nothing, the second calls it and says so, the others only say something. */
const generateOne: GenerateOne = async (task) => {
  const { index, sample, setting, onCall, onChunk } = task;
  await beginAttempt(task);
  const text = sample === 0 ? '' : `I look it up, ${sample}.`;
  const trace = makeTrace(text);
  const chunks = text === '' ? [] : trace.chunks;
  if (sample < 2) {
    onCall?.({ call: 0, id: CALL.id, type: CALL.type, name: 'look_up' });
    for (const piece of ['{"at"', ':1}'])
      chunks.push({ t_ms: 900 + chunks.length, text: piece, tokens: 2, kind: 'tool', call: 0 });
  }
  for (const chunk of chunks) onChunk?.(chunk, -910);
  task.meter?.end((bound) => bound);
  const generation = makeGeneration({ index, label: setting.label, sample, text });
  return {
    generation: sample < 2 ? { ...generation, tool_calls: [CALL], finish_reason: 'tool_calls' } : generation,
    trace: { ...trace, chunks },
  };
};

let world: World;
beforeEach(() => {
  world = makeWorld({ generateOne });
});

const post = (body: Record<string, unknown>) =>
  makeWorldApi(world, {}, 'docs').generate.request('/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Look it up.', tools: TOOLS, ...body }),
  });

describe('a run with tools', () => {
  test('answers with the calls of each output, and keeps them', async () => {
    const response = await post({ samples: 3 });
    expect(response.status).toBe(201);
    const run = runSchema.parse(await response.json());
    expect(
      run.generations.map(({ text, tool_calls, finish_reason }) => [text, tool_calls, finish_reason]),
    ).toEqual([
      ['', [CALL], 'tool_calls'],
      ['I look it up, 1.', [CALL], 'tool_calls'],
      ['I look it up, 2.', undefined, 'stop'],
    ]);
    expect(await readRun(run.id, 'docs', world.deps)).toEqual(run);
  });

  test('embeds and compares texts alone: an output of calls has no vector, and says so', async () => {
    const { id } = runSchema.parse(await (await post({ samples: 3 })).json());
    await embedRuns(world.generatedEvents(), world.deps);
    const run = await readRun(id, 'docs', world.deps);
    expect(run.status).toBe('completed');
    expect(run.generations.map(({ vector_ids, not_indexed }) => [vector_ids.length, not_indexed])).toEqual([
      [0, 'no_text'],
      [1, undefined],
      [1, undefined],
    ]);
    expect(run.diversity).toMatchObject({ n: 2, duplicate_rate: 0 });
  });

  test('that only calls tools is completed without a vector', async () => {
    const { id } = runSchema.parse(await (await post({})).json());
    await embedRuns(world.generatedEvents(), world.deps);
    expect(await readRun(id, 'docs', world.deps)).toMatchObject({
      status: 'completed',
      diversity: null,
      generations: [{ text: '', vector_ids: [], not_indexed: 'no_text' }],
    });
  });

  test('shows its calls in a list, where it has no text', async () => {
    await post({ index: false });
    const previews = [...world.list.entries.values()].map(({ textPreview }) => textPreview);
    expect(previews).toEqual(['look_up({"at":1})']);
  });

  test('streams its calls as they come, apart from the text', async () => {
    const { events } = eventsOf(await (await post({ stream: true })).text());
    expect(events.slice(1, 5)).toEqual([
      {
        event: 'generation.tool_call',
        data: { index: 0, call: 0, id: 'call_1', name: 'look_up', tool_type: 'function' },
      },
      {
        event: 'generation.tool_arguments',
        data: { index: 0, call: 0, text: '{"at"', t_ms: 900, tokens: 2, sent_ms: 910 },
      },
      {
        event: 'generation.tool_arguments',
        data: { index: 0, call: 0, text: ':1}', t_ms: 901, tokens: 2, sent_ms: 910 },
      },
      { event: 'generation.completed', data: expect.objectContaining({ tool_calls: [CALL] }) },
    ]);
  });

  test('sends the tools and the turns of their calls to the model as they were given', async () => {
    const messages = [
      { role: 'user', content: 'Look it up.' },
      { role: 'assistant', content: '', tool_calls: [CALL] },
      { role: 'tool', content: '42', tool_call_id: 'call_1' },
    ];
    const run = runSchema.parse(await (await post({ prompt: null, messages })).json());
    expect(run.messages).toEqual(messages);
  });
});
