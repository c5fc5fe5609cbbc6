import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import type { Message } from '../../../lib/runs/request.ts';
import { summarizeRun } from '../../../lib/runs/view.ts';
import { makeGenerateOne, serverError } from '../../factories/generation.ts';
import { readRun } from '../../fixtures/run-view.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const CALLER = 'docs';
const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });

/** A model whose answers differ, as those of a real one do. */
const answersAnew = () => {
  let answers = 0;
  return makeGenerateOne(() => ` Answer ${++answers}. `);
};

let world: World;
beforeEach(() => {
  world = makeWorld({ generateOne: answersAnew() });
});

type Asked = { caller?: string; conversation?: string; world?: World };

const run = async (
  body: Record<string, unknown>,
  { caller = CALLER, conversation, world: other = world }: Asked = {},
) => {
  const options = { caller, ...(conversation !== undefined && { conversation }) };
  const started = await makeStartRun(other.deps)(body, options);
  const ended = started.kind === 'started' ? await started.done : started.run;
  await other.clock.advance(1_000);
  return ended;
};
const ask = (messages: Message[], own: Record<string, unknown> = {}, asked?: Asked) =>
  run({ messages, index: false, ...own }, asked);
const textOf = ({ generations }: Awaited<ReturnType<typeof run>>): string => generations[0]?.text ?? '';

const listed = async (conversation: string) =>
  (await world.listRuns({ caller: CALLER, limit: 100, conversation })).runs.map(summarizeRun);

describe('a run whose messages continue those of an earlier one', () => {
  test('is linked to it, and belongs to the conversation that the first one began', async () => {
    const first = await ask([user('Hello')]);
    expect(first).toMatchObject({ conversation: null, previous_run: null });
    const messages = [user('Hello'), assistant(textOf(first)), user('And then?')];
    const second = await ask(messages);
    expect(second).toMatchObject({ conversation: first.id, previous_run: first.id });
    const third = await ask([...messages, assistant(textOf(second)), user('And?')]);
    expect(third).toMatchObject({ conversation: first.id, previous_run: second.id });
    expect(await readRun(third.id, CALLER, world)).toMatchObject({ previous_run: second.id });
    expect((await listed(first.id)).map(({ id, previous_run }) => [id, previous_run])).toEqual([
      [third.id, second.id],
      [second.id, first.id],
      [first.id, null],
    ]);
  });

  test('is linked to the one with its answer among several with the same messages, else to the newest', async () => {
    const runs = [await ask([user('Hello')]), await ask([user('Hello')]), await ask([user('Hello')])];
    for (const earlier of runs) {
      const trimmed = assistant(textOf(earlier).trim());
      const next = await ask([user('Hello'), trimmed, user('And then?')]);
      expect(next.previous_run).toBe(earlier.id);
    }
    const next = await ask([user('Hello'), assistant('Rewritten.'), user('And then?')]);
    expect(next.previous_run).toBe(runs[2]?.id);
  });

  test('is linked across the calls of tools', async () => {
    const call = { id: 'call_1', type: 'function' as const, function: { name: 'look_up', arguments: '{}' } };
    const inner = makeGenerateOne(() => '');
    const calling = makeWorld({
      generateOne: async (task) => {
        const { generation, ...output } = await inner(task);
        return { ...output, generation: { ...generation, tool_calls: [call] } };
      },
    });
    const first = await ask([user('Look it up')], {}, { world: calling });
    const called = { role: 'assistant', content: '', tool_calls: [call] };
    const result = { role: 'tool', content: 'found', tool_call_id: 'call_1' };
    const second = await ask([user('Look it up'), called, result], {}, { world: calling });
    expect(second.previous_run).toBe(first.id);
  });

  test('is not linked to a run of another caller, of several outputs or of a prompt, nor to one that failed', async () => {
    const apart = makeWorld({ generateOne: makeGenerateOne(() => null) });
    await ask([user('Hello')], {}, { world: apart });
    await ask([user('Hello')], {}, { caller: 'other' });
    await ask([user('Hello')], { samples: 2 });
    await run({ prompt: 'Hello', index: false });
    const next = [user('Hello'), assistant('Hi'), user('And?')];
    for (const where of [world, apart])
      expect(await ask(next, {}, { world: where })).toMatchObject({ conversation: null, previous_run: null });
  });

  test('goes on without a link when turns cannot be written or read', async () => {
    const first = await ask([user('Hello')]);
    const down = {
      ...world.conversations,
      newest: () => Promise.reject(serverError()),
      put: () => Promise.reject(serverError()),
    };
    const started = await makeStartRun({ ...world.deps, conversations: down })(
      { messages: [user('Hello'), assistant(textOf(first)), user('And?')] },
      { caller: CALLER },
    );
    const ended = started.kind === 'started' ? await started.done : started.run;
    expect(ended).toMatchObject({ status: 'generated', conversation: null, previous_run: null });
    expect(world.log.named('conversation.unread')).toHaveLength(1);
    expect(world.log.named('conversation.unwritten')).toHaveLength(1);
  });
});

describe('a run of a named conversation', () => {
  test('follows the last one of that name, whatever its messages are', async () => {
    const first = await ask([user('Hello')], { conversation: 'Plans' });
    expect(first).toMatchObject({ conversation: 'Plans', previous_run: null });
    const second = await ask([user('Something else')], {}, { conversation: 'Plans' });
    expect(second).toMatchObject({ conversation: 'Plans', previous_run: first.id });
    const other = await ask([user('Hello')], { conversation: 'Plans' }, { caller: 'other' });
    expect(other.previous_run).toBeNull();
    expect((await listed('Plans')).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  test('has the name of its body rather than that of a header', async () => {
    const named = await ask([user('Hello')], { conversation: 'body' }, { conversation: 'header' });
    expect(named.conversation).toBe('body');
  });

  test('keeps the name alone when it is given by a prompt, or has several outputs', async () => {
    for (const body of [{ prompt: 'Hello' }, { messages: [user('Hello')], samples: 2 }])
      for (let twice = 0; twice < 2; twice += 1)
        expect(await run({ ...body, index: false, conversation: 'Plans' })).toMatchObject({
          ...{ conversation: 'Plans', previous_run: null },
        });
    expect(world.conversations.turns.size).toBe(0);
  });
});

describe('no turn is left', () => {
  test('of a run with store: false', async () => {
    await ask([user('Hello')], { store: false });
    await ask([user('Hello')], { store: false, conversation: 'Plans' });
    expect(world.conversations.turns.size).toBe(0);
  });

  test('of a deleted run, nor what was written of it late', async () => {
    const named = await ask([user('Hello')], { conversation: 'Plans' });
    const { id } = await ask([user('Hello')]);
    const { turnKey, createdAt } = (await world.runs.get(id)) ?? {};
    for (const each of [named.id, id]) await deleteRun(each, CALLER, world.deps);
    expect(world.conversations.turns.size).toBe(0);
    const late = { id, createdAt: createdAt ?? '', conversation: null, answer: '' };
    await world.conversations.put(turnKey ?? '', late);
    await world.clock.advance(10 * 60_000);
    await sweep(world.deps);
    expect(world.conversations.turns.size).toBe(0);
    expect(await world.runs.get(id)).toMatchObject({ turnKey: null, conversation: null, previousRun: null });
  });
});

test('a run without messages reads and writes no turn', async () => {
  const calls: string[] = [];
  const conversations = {
    newest: async () => {
      calls.push('newest');
      return [];
    },
    put: async () => void calls.push('put'),
    delete: async () => void calls.push('delete'),
  };
  const deps = { ...world.deps, conversations };
  const started = await makeStartRun(deps)({ prompt: 'Hello' }, { caller: CALLER });
  if (started.kind === 'started') await started.done;
  await deleteRun(started.run.id, CALLER, deps);
  expect(calls).toEqual([]);
});

test('each turn of two conversations is linked to the one before it, however they are interleaved', async () => {
  const order = fc.array(fc.boolean(), { minLength: 2, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(order, fc.boolean(), fc.boolean(), async (turns, isNamed, beginAlike) => {
      world = makeWorld({ generateOne: answersAnew() });
      const [a, b] = ['a', 'b'].map((name) => ({
        name,
        messages: [user(beginAlike ? 'Hello' : `Hello from ${name}`)],
        runs: [] as string[],
      }));
      for (const isFirst of turns) {
        const one = isFirst ? a : b;
        if (!one) continue;
        const asked = await ask(one.messages, isNamed ? { conversation: one.name } : {});
        const root = isNamed ? one.name : (one.runs[0] ?? null);
        expect(asked).toMatchObject({ conversation: root, previous_run: one.runs.at(-1) ?? null });
        one.runs.push(asked.id);
        one.messages.push(assistant(textOf(asked)), user('And then?'));
      }
      for (const { name, runs } of [a, b].filter((one) => one !== undefined)) {
        const [root] = runs;
        if (root === undefined) continue;
        const own = (await listed(isNamed ? name : root)).map(({ id }) => id);
        expect(own).toEqual(runs.toReversed());
      }
    }),
    { numRuns: 60 },
  );
});
