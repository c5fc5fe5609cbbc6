import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { makeResponsesApp, type Step } from '../../../../fixtures/responses-app.ts';

const input = 'What is the weather?';
const call: Step[] = [
  { reasoning: { id: 'rs_1', at: 0 } },
  {
    reasoning: {
      ...{ id: 'rs_1', at: 0 },
      ended: { id: 'rs_1', at: 0, summary: ['Where?'], encrypted_content: 'gAAA' },
    },
  },
  { begins: { call: 0, id: 'call_1', type: 'function', name: 'weather' } },
  { args: '{"city":"Bern"}', call: 0 },
];
const tools = [{ type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }];
const outputs = [{ type: 'function_call_output' as const, call_id: 'call_1', output: 'rain' }];
const answered = [
  { role: 'user', content: input },
  {
    ...{ role: 'assistant', content: '' },
    reasoning: [{ id: 'rs_1', summary: ['Where?'], encrypted_content: 'gAAA' }],
    tool_calls: [
      { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
    ],
  },
  { role: 'tool', content: 'rain', tool_call_id: 'call_1' },
];

const callsFirst = () => {
  let turn = 0;
  return makeResponsesApp(() => (turn++ === 0 ? call : [{ text: 'It rains.' }]));
};

describe('a response that goes on from the previous one', () => {
  test('has its conversation, its reasoning and its calls, with the new instructions alone', async () => {
    const { openai, tasks } = callsFirst();
    const first = await openai.responses.create({ input, tools, instructions: 'Be short.' });
    const next = { input: outputs, tools, instructions: 'Be long.', previous_response_id: first.id };
    const second = await openai.responses.create(next);
    expect(tasks[1]?.messages).toEqual([{ role: 'system', content: 'Be long.' }, ...answered]);
    expect(second).toMatchObject({ previous_response_id: first.id, instructions: 'Be long.' });
    await openai.responses.create({ input: 'And in Oslo?', previous_response_id: second.id });
    expect(tasks[2]?.messages).toEqual([
      ...answered,
      { role: 'assistant', content: 'It rains.' },
      { role: 'user', content: 'And in Oslo?' },
    ]);
  });

  test('is the same conversation when a client sends all items itself, as the SDK has them', async () => {
    const { openai, tasks } = callsFirst();
    const first = await openai.responses.create({
      ...{ input, tools, store: false },
      include: ['reasoning.encrypted_content'],
    });
    await openai.responses.create({
      input: [
        { role: 'user', content: input },
        ...(first.output as OpenAI.Responses.ResponseInput),
        ...outputs,
      ],
      tools,
    });
    expect(tasks[1]?.messages).toEqual(answered);
  });

  test('finds the items of stored responses that references name', async () => {
    const { openai, tasks } = callsFirst();
    const { output } = await openai.responses.create({ input, tools });
    const references = output.map(({ id = '' }) => ({ type: 'item_reference' as const, id }));
    await openai.responses.create({
      input: [{ role: 'user', content: input }, ...references, ...outputs],
      tools,
    });
    expect(tasks[1]?.messages).toEqual(answered);
    const unknown = openai.responses.create({ input: [{ type: 'item_reference', id: 'msg_0' }] });
    await expect(unknown).rejects.toMatchObject({ status: 400, param: 'input.0.id' });
  });

  test('goes on from a refusal as from a text', async () => {
    let turn = 0;
    const { openai, tasks } = makeResponsesApp(() =>
      turn++ === 0 ? [{ text: 'I will not.', kind: 'refusal' }] : [{ text: 'Fine.' }],
    );
    const { id } = await openai.responses.create({ input });
    await openai.responses.create({ input: 'Why?', previous_response_id: id });
    expect(tasks[1]?.messages[1]).toEqual({ role: 'assistant', content: 'I will not.' });
  });

  test('is refused in OpenAI’s words where there is no such response', async () => {
    const { openai, world } = makeResponsesApp();
    const kept = await openai.responses.create({ input });
    await openai.responses.delete(kept.id);
    const { id: unstored } = await openai.responses.create({ input, store: false });
    const others = makeResponsesApp(undefined, { world, caller: 'other' }).openai;
    const { id: another } = await others.responses.create({ input });
    for (const id of [kept.id, unstored, another, 'resp_0', 'resp_run_00000000000000000000000000'])
      await expect(openai.responses.create({ input, previous_response_id: id })).rejects.toMatchObject({
        ...{ status: 400, code: 'previous_response_not_found', param: 'previous_response_id' },
      });
  });

  test('waits for one that has not ended, and does not go on from one without output', async () => {
    const { openai, workOff } = makeResponsesApp(() => ({
      steps: [],
      changes: { status: 'failed', text: null, error: { code: 'rate_limited', message: 'too fast' } },
    }));
    const { id } = await openai.responses.create({ input, background: true });
    const next = { input, previous_response_id: id };
    await expect(openai.responses.create(next)).rejects.toMatchObject({
      status: 409,
      code: 'run_in_progress',
    });
    await workOff();
    await expect(openai.responses.create(next)).rejects.toMatchObject({
      ...{ status: 400, param: 'previous_response_id' },
    });
  });
});

/** The JSON of a whole answer, or of all events of a stream. */
const dataOf = (body: string): unknown[] =>
  body
    .split('\n')
    .filter((line) => /^(data: )?\{/.test(line))
    .map((line) => JSON.parse(line.replace(/^data: /, '')));

describe('a repeated request', () => {
  const repeated = { headers: { 'idempotency-key': 'order-1' } };

  test('is answered from the record, whole and streamed, and never generated again', async () => {
    for (const stream of [false, true]) {
      const { openai, tasks } = makeResponsesApp(() => [
        { text: 'Hm.', kind: 'reasoning' },
        { text: 'Layers.' },
      ]);
      const body = { input, stream, instructions: 'Be short.' };
      const answers: unknown[] = [];
      for (let time = 0; time < 2; time++)
        answers.push(dataOf(await (await openai.responses.create(body, repeated).asResponse()).text()));
      expect(answers[1]).toEqual(answers[0]);
      expect(tasks).toHaveLength(1);
      expect(openai.answers.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    }
  });

  test('is answered from the record after the previous response was deleted, with calls of tools', async () => {
    const { openai, tasks } = callsFirst();
    const first = await openai.responses.create({ input, tools, instructions: 'Be short.' });
    const body = {
      ...{ tools, instructions: 'Be long.', previous_response_id: first.id },
      input: [...outputs, { role: 'user' as const, content: 'And in Oslo?' }],
    };
    const second = await openai.responses.create(body, repeated);
    await openai.responses.delete(first.id);
    expect(await openai.responses.create(body, repeated)).toEqual(second);
    expect(openai.answers.at(-1)?.headers.get('idempotent-replayed')).toBe('true');
    expect(tasks).toHaveLength(2);
    const changed = { ...body, input: [...outputs, { role: 'user' as const, content: 'And in Rome?' }] };
    await expect(openai.responses.create(changed, repeated)).rejects.toMatchObject({
      ...{ status: 422, code: 'idempotency_key_reused' },
    });
    for (const other of [{ headers: { 'idempotency-key': 'order-2' } }, {}])
      await expect(openai.responses.create(body, other)).rejects.toMatchObject({
        ...{ status: 400, code: 'previous_response_not_found' },
      });
    const elsewhere = { ...body, previous_response_id: `resp_${'0'.repeat(26)}` };
    await expect(openai.responses.create(elsewhere, repeated)).rejects.toMatchObject({
      code: 'previous_response_not_found',
    });
  });

  test('is refused with another body, another previous response included', async () => {
    const { openai } = makeResponsesApp();
    const { id } = await openai.responses.create({ input }, repeated);
    for (const body of [
      { input: 'Else?' },
      { input, previous_response_id: id },
      { input, metadata: { a: 'b' } },
    ])
      await expect(openai.responses.create(body, repeated)).rejects.toMatchObject({
        ...{ status: 422, code: 'idempotency_key_reused' },
      });
  });
});

describe('a response in the background', () => {
  test('is answered at once, and read when it has ended', async () => {
    const { openai, workOff, tasks } = makeResponsesApp();
    const queued = await openai.responses.create({ input, background: true });
    expect(queued).toMatchObject({ status: 'queued', background: true, output: [], usage: null });
    expect(tasks).toHaveLength(0);
    await workOff();
    expect(await openai.responses.retrieve(queued.id)).toMatchObject({
      ...{ id: queued.id, status: 'completed', background: true, output_text: 'Layers of sums.' },
    });
  });

  test('is cancelled any number of times, and an ended one stays as it is', async () => {
    const { openai, workOff } = makeResponsesApp();
    const { id } = await openai.responses.create({ input, background: true });
    for (let time = 0; time < 2; time++)
      expect(await openai.responses.cancel(id)).toMatchObject({ id, status: 'cancelled', output: [] });
    const other = await openai.responses.create({ input, background: true });
    await workOff();
    expect(await openai.responses.cancel(other.id)).toMatchObject({ status: 'completed' });
    const direct = await openai.responses.create({ input });
    await expect(openai.responses.cancel(direct.id)).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  test('is streamed as any other where it is asked for, and not read as a stream before it has ended', async () => {
    const { openai } = makeResponsesApp();
    const stream = openai.responses.stream({ input, background: true });
    expect(await stream.finalResponse()).toMatchObject({ status: 'completed', background: true });
    const { id } = await openai.responses.create({ input, background: true });
    await expect(openai.responses.retrieve(id, { stream: true })).rejects.toMatchObject({
      ...{ status: 409, message: expect.stringContaining('not supported yet') },
    });
  });

  test('needs to be stored', async () => {
    const { openai } = makeResponsesApp();
    const unstored = openai.responses.create({ input, background: true, store: false });
    await expect(unstored).rejects.toMatchObject({ status: 400, param: 'background' });
  });
});

describe('a stored response', () => {
  test('is read with parts that only its reader includes', async () => {
    const { openai } = callsFirst();
    const created = await openai.responses.create({ input, tools, metadata: { team: 'docs' } });
    expect(await openai.responses.retrieve(created.id)).toEqual(created);
    const included = await openai.responses.retrieve(created.id, {
      include: ['reasoning.encrypted_content'],
    });
    expect(included.output[0]).toMatchObject({ encrypted_content: 'gAAA' });
  });

  test('is streamed again after the event that its reader has', async () => {
    const { openai } = makeResponsesApp();
    const { id } = await openai.responses.create({ input });
    const numbers: number[] = [];
    for await (const event of await openai.responses.retrieve(id, { stream: true, starting_after: 6 }))
      numbers.push(event.sequence_number);
    expect(numbers).toEqual([7, 8, 9]);
  });

  test('has the items of its input in pages, newest first unless it is asked otherwise', async () => {
    const { openai } = callsFirst();
    const first = await openai.responses.create({ input, tools, instructions: 'Be short.' });
    const { id } = await openai.responses.create({ input: outputs, tools, previous_response_id: first.id });
    const items = [];
    for await (const item of openai.responses.inputItems.list(id, { limit: 1, order: 'asc' }))
      items.push(item);
    expect(items).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] },
      { type: 'reasoning', id: 'rs_1' },
      { type: 'function_call', call_id: 'call_1', arguments: '{"city":"Bern"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'rain' },
    ]);
    const newest = await openai.responses.inputItems.list(id, { limit: 1 });
    expect(newest).toMatchObject({ data: [items.at(-1)], has_more: true });
  });

  test('is gone when it is deleted, and its run with it', async () => {
    const { openai, app } = makeResponsesApp();
    const { id } = await openai.responses.create({ input });
    const deleted = await app.request(`http://127.0.0.1/v1/responses/${id}`, { method: 'DELETE' });
    expect(await deleted.json()).toEqual({ id, object: 'response', deleted: true });
    await expect(openai.responses.retrieve(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(openai.responses.delete(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const run = await app.request(`http://127.0.0.1/runs/${id.replace('resp_', '')}`);
    expect(run.status).toBe(410);
  });

  test('is not there without a store', async () => {
    const { openai } = makeResponsesApp();
    const { id, output_text: text } = await openai.responses.create({ input, store: false });
    expect(text).toBe('Layers of sums.');
    await expect(openai.responses.retrieve(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
