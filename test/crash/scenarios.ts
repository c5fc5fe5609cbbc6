import assert from 'node:assert/strict';
import { createBatch } from '../../lib/batches/create-batch.ts';
import { createInput } from '../../lib/batches/stored-files.ts';
import { dayOf } from '../../lib/budget/daily.ts';
import { deleteFile } from '../../lib/files/delete-file.ts';
import { retryFile } from '../../lib/files/retry-file.ts';
import { stopFile } from '../../lib/files/stop-file.ts';
import type { GenerateOne } from '../../lib/generate/generate-one.ts';
import { cancelRun } from '../../lib/lifecycle/cancel.ts';
import { deleteRun } from '../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { UNLIMITED } from '../../lib/limits/caller-limits.ts';
import { readEarlier } from '../../lib/openai/responses/earlier.ts';
import { responseIdOf } from '../../lib/openai/responses/item-ids.ts';
import { namedIn, parseResponseRequest } from '../../lib/openai/responses/request.ts';
import { outputKey } from '../../lib/runs/keys.ts';
import { decodeGeneration } from '../../lib/runs/output-object.ts';
import { readWhole } from '../../lib/runs/read-run.ts';
import type { PlacedReasoning } from '../../lib/runs/reasoning.ts';
import type { ToolCall } from '../../lib/runs/tool-call.ts';
import { makeGenerateOne, serverError } from '../factories/generation.ts';
import { makeMemoryEmbedder } from '../memory/embedder.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { type Fault, makeFaults } from './faults.ts';
import { expectAllEnded } from './invariant.ts';
import { type Machine, makeMachine, retryUntilAnswered } from './machine.ts';

/** Input of the machine, and its expected outcome, whatever fails meanwhile. */
export type Scenario = {
  name: string;
  begin: (machine: Machine, world: World) => Promise<unknown>;
  expected: (world: World) => unknown;
  /** Set where all pairs of effects would take minutes. */
  isLarge?: boolean;
  world?: Pick<
    NonNullable<Parameters<typeof makeWorld>[0]>,
    'limits' | 'callerLimits' | 'batchLimits' | 'remainingMs' | 'embedder'
  >;
};

/** Two paragraphs that do not fit into one vector. */
const LONG = `${'x'.repeat(1_100)}\n\n${'y'.repeat(1_100)}`;

/**
 * Answers by the prompt: some are long enough for two vectors, some empty, some fail. Each answer is different, as from
 * a real model, so that an output in the wrong place is noticed.
 */
const generateOne = (): GenerateOne => {
  let answers = 0;
  const answer = makeGenerateOne(({ index, messages }) => {
    const prompt = messages.at(-1)?.content ?? '';
    if (prompt.includes('fail') || (prompt.includes('half') && index % 2 === 1)) return null;
    answers += 1;
    return prompt.includes('nothing') ? '' : `${answers}: ${LONG}`;
  });
  return async (task) => {
    const { generation, ...rest } = await answer(task);
    const isReasoned = task.setting.reasoningSummary !== undefined && generation.status === 'completed';
    const output = {
      ...rest,
      generation: isReasoned ? { ...generation, reasoning: [reasoningIn(generation.text)] } : generation,
    };
    if (!task.setting.tools) return output;
    return { ...output, generation: { ...output.generation, tool_calls: [callIn(output.generation.text)] } };
  };
};

/** The call of a tool in an answer, which tells the number of the answer. */
const callIn = (text: string | null): ToolCall => ({
  id: 'call_1',
  type: 'function',
  function: { name: 'look_up', arguments: JSON.stringify({ answer: Number.parseInt(text ?? '', 10) }) },
});

/** The encrypted reasoning of an answer by the Responses API, which tells the number of the answer. */
const reasoningIn = (text: string | null): PlacedReasoning => ({
  ...{ id: 'rs_1', summary: ['Let me see.'], at: 0 },
  encrypted_content: `gAAA${Number.parseInt(text ?? '', 10)}`,
});

/** The stored calls of each output are those of the answer whose text it has. */
const hasOwnCalls = async (world: World): Promise<void> => {
  endsAs('completed')(world);
  for (const run of world.runs.runs.values())
    for (const [index, { lease }] of run.generations.entries()) {
      const stored = await world.content.get(outputKey(run.id, index, lease));
      const { text, tool_calls } = decodeGeneration(stored, () => ({}));
      assert.deepEqual(tool_calls, [callIn(text)]);
    }
};

const start = (body: Record<string, unknown>) => (machine: Machine) =>
  retryUntilAnswered(async () => {
    const started = await makeStartRun(machine.worker())(body, { caller: 'docs', idempotencyKey: 'order-1' });
    if (started.kind === 'started') await started.done;
  });

/**
 * Starts a run whose model has answered before the run is written. Without a key, its client's retry makes a run more,
 * also where the first one stands.
 */
const startEarly = (body: Record<string, unknown>) => (machine: Machine) =>
  retryUntilAnswered(async () => {
    const deps = machine.worker();
    const answered = Promise.withResolvers<void>();
    const generateOne: GenerateOne = (task) => deps.generateOne(task).finally(answered.resolve);
    const create: typeof deps.runs.create = async (run) => {
      await answered.promise;
      return deps.runs.create(run);
    };
    const started = await makeStartRun({ ...deps, generateOne, runs: { ...deps.runs, create } })(body, {
      caller: 'docs',
    });
    if (started.kind === 'started') await started.done;
  });

/** Every run has completed, the client has one, and nothing is stored of a run that does not stand. */
const allStand = ({ runs, content }: World): void => {
  const statuses = new Set([...runs.runs.values()].map(({ status }) => status));
  assert.deepEqual([...statuses], ['completed']);
  for (const key of content.objects.keys())
    if (key.startsWith('outputs/')) assert.ok(runs.runs.has(key.split('/')[1] ?? ''), `${key} has no run`);
};

/** Asks for a response, as the route of the Responses API does. */
const respond = (body: Record<string, unknown>, idempotencyKey: string) => (machine: Machine) =>
  retryUntilAnswered(async () => {
    const deps = machine.worker();
    const earlier = await readEarlier(namedIn(body), (id) => readWhole(id, 'docs', deps));
    const { run, response } = parseResponseRequest(body, earlier);
    const started = await makeStartRun(deps)(run, { caller: 'docs', idempotencyKey, response });
    if (started.kind === 'started') await started.done;
    return started.run.id;
  });

/** Two responses, the second of which has in its request the reasoning and the text that the first has stored. */
const twoResponses: Scenario = {
  name: 'a response that goes on from the reasoning of another',
  isLarge: true,
  begin: async (machine) => {
    const asked = { instructions: 'Be long.', reasoning: { effort: 'low', summary: 'auto' }, index: false };
    const id = await respond({ ...asked, input: 'one' }, 'order-1')(machine);
    await machine.untilQuiet(async () => {}, { isSummed: false });
    const previous = responseIdOf(id);
    await respond({ ...asked, input: 'two', previous_response_id: previous }, 'order-2')(machine);
  },
  expected: async (world) => {
    endsAs('completed', 'completed')(world);
    const [first, second] = await Promise.all(
      [...world.runs.runs.keys()].map((id) => readWhole(id, 'docs', world.deps)),
    );
    const answer = first?.run.generations[0];
    const { at: _, ...item } = reasoningIn(answer?.text ?? null);
    assert.deepEqual(second?.request?.messages, [
      { role: 'system', content: 'Be long.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: answer?.text, reasoning: [item] },
      { role: 'user', content: 'two' },
    ]);
    assert.equal(second.request.response?.previous_response_id, responseIdOf(first?.run.id ?? ''));
    const last = second.run.generations[0];
    assert.deepEqual(last?.reasoning, [reasoningIn(last?.text ?? null)]);
  },
};

const onePlace = { ...UNLIMITED, directRuns: 1, workers: 1, keptForOthersPercent: 20 };

/** No run is counted any more once its window is over, whatever crashed meanwhile. */
const countsNothing = async (world: World): Promise<void> => {
  await world.clock.advance(120_000);
  for (const caller of ['docs', 'files']) {
    await (await world.deps.inFlight.enterDirect(caller))();
    assert.ok('leave' in (await world.deps.inFlight.enterJob(caller, 1)));
  }
};

const settings = [{ label: 'a' }, { label: 'b', temperature: 1 }];
const file = [{ prompt: 'one' }, { prompt: 'one' }, { prompt: '' }, { prompt: 'fail' }];

const drop =
  (body: string, name = 'questions.json') =>
  (machine: Machine, world: World) =>
    machine.objects.send(world.drop(`prompts/${name}`, body));

/** Limits so small that few lines make several blocks, parts and reads. */
const limits = {
  blockLines: 2,
  blockBytes: 10_000,
  openBlocks: 2,
  firstWindow: 2,
  partBytes: 4_000,
  readBytes: 16,
};
const jsonLines = (...prompts: string[]) =>
  prompts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join('');

const endsWith = (status: string, lines: number) => (world: World) => {
  const [one] = world.files.files.values();
  assert.deepEqual([one?.status, one?.lines, one?.fullBlocks.length], [status, lines, one?.blocks]);
};

const endsAs =
  (...statuses: string[]) =>
  (world: World) =>
    assert.deepEqual([...world.runs.runs.values()].map(({ status }) => status).sort(), statuses);

/** The run is cancelled if its caller was told so, else it ends as usual. */
const cancelledBefore = (step: number, more: { store?: boolean } = {}): Scenario => {
  const accepted = new WeakSet<World>();
  return {
    name: `a run cancelled before step ${step}${more.store === false ? ', of which no text is stored' : ''}`,
    begin: async (machine, world) => {
      await start({ prompt: 'half', background: true, settings, ...more })(machine);
      await machine.untilQuiet(async (now) => {
        const [id] = world.runs.runs.keys();
        if (now !== step || id === undefined) return;
        await retryUntilAnswered(() => cancelRun(id, 'docs', machine.worker())).then(
          () => accepted.add(world),
          (error) => assert.equal(error.code, 'conflict'),
        );
      });
    },
    expected: (world) => endsAs(accepted.has(world) ? 'cancelled' : 'completed')(world),
  };
};

const deletedBefore = (
  step: number,
  { what = 'run', ...body }: Record<string, unknown> = { prompt: 'x'.repeat(1_100), settings },
): Scenario => ({
  name: `a ${what} deleted before step ${step}`,
  begin: async (machine, world) => {
    await start({ ...body, background: true })(machine);
    await machine.untilQuiet(async (now) => {
      const [id] = world.runs.runs.keys();
      if (now !== step || id === undefined) return;
      // A retry may find it deleted already.
      await retryUntilAnswered(() => deleteRun(id, 'docs', machine.worker())).catch((error) =>
        assert.equal(error.code, 'gone'),
      );
    });
  },
  expected: (world) => {
    endsAs('deleted')(world);
    assert.deepEqual(Object.values(world.vectorIds()).flat(), []);
  },
});

/** The file is gone with all of it if its caller was told so, else it ends as usual. */
const fileDeletedBefore = (step: number): Scenario => {
  const accepted = new WeakSet<World>();
  return {
    name: `a file deleted before step ${step}`,
    isLarge: true,
    world: { limits },
    begin: async (machine, world) => {
      const long = `five ${'x'.repeat(1_100)}`;
      await drop(jsonLines('one', '', 'two', 'fail', 'four', long), 'questions.jsonl')(machine, world);
      await machine.untilQuiet(async (now) => {
        const [id] = world.files.files.keys();
        if (now !== step || id === undefined) return;
        await retryUntilAnswered(() => deleteFile(id, machine.worker()));
        accepted.add(world);
      });
    },
    expected: (world) => {
      const [one] = world.files.files.values();
      if (!accepted.has(world)) return endsWith('completed_with_errors', 6)(world);
      assert.equal(one?.status, 'deleted');
      for (const run of world.runs.runs.values()) assert.equal(run.status, 'deleted');
      assert.deepEqual([...world.content.objects.keys()], []);
      assert.deepEqual(Object.values(world.vectorIds()).flat(), []);
    },
  };
};

/** Its failed line has a run more and its answered one none, however often the retry is asked for. */
const retriedFile: Scenario = {
  name: 'a file that is retried once it has ended',
  isLarge: true,
  world: { limits },
  begin: async (machine, world) => {
    await drop(jsonLines('one', 'fail'), 'questions.jsonl')(machine, world);
    await machine.untilQuiet(async () => {}, { isSummed: false });
    const [id = ''] = world.files.files.keys();
    const by = { caller: 'files', idempotencyKey: 'again' };
    await retryUntilAnswered(() => retryFile(id, by, machine.worker()));
    await retryUntilAnswered(() => retryFile(id, { caller: 'files' }, machine.worker()));
  },
  expected: (world) => {
    endsAs('completed', 'failed', 'failed')(world);
    const [first, retry, ...others] = world.files.files.values();
    assert.deepEqual(others, []);
    assert.deepEqual([first?.retriedAs, retry?.retryOf], [retry?.id, first?.id]);
    assert.partialDeepStrictEqual(retry, {
      status: 'completed_with_errors',
      counts: { completed: 1, reused: 1, failed: 1 },
      lines: 2,
    });
  },
};

const EMBEDDED = { a: ['one text'], c: ['two', 'texts'] };

/** Each line has one result, that of its own inputs, and whatever was embedded is counted. */
const embeddedBatch: Scenario = {
  name: 'a batch of embeddings',
  isLarge: true,
  world: { limits, embedder: makeMemoryEmbedder({ refuses: (text) => text === 'bad' }) },
  begin: async (machine, world) => {
    await world.budgets.set('docs', { tokens: 1_000_000, costUsd: 1 });
    const line = (custom_id: string, input: unknown) =>
      JSON.stringify({
        ...{ custom_id, method: 'POST', url: '/v1/embeddings' },
        body: { model: world.embedder.model, input },
      });
    const text = [line('a', EMBEDDED.a), line('b', 'bad'), line('c', EMBEDDED.c), line('d', '')].join('\n');
    const { id } = await createInput({ filename: 'lines.jsonl', text }, 'docs', world.deps);
    const asked = { input_file_id: id, endpoint: '/v1/embeddings', completion_window: '24h' };
    const { file } = await createBatch(asked, { caller: 'docs' }, world.deps);
    const bytes = world.content.objects.get(file.key) ?? '';
    await machine.objects.send(world.drop(file.key, bytes));
  },
  expected: async (world) => {
    endsWith('completed_with_errors', 4)(world);
    const [file] = world.files.files.values();
    const rows = (await world.content.get(`results/${file?.key}.${file?.id}.jsonl`))
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row));
    const ended = ['attempts_exhausted', 'invalid_request', 'server_error'];
    for (const { custom_id, response, error } of rows) {
      const inputs = EMBEDDED[custom_id as keyof typeof EMBEDDED];
      assert.ok(response || ended.includes(error.code) || custom_id === 'd');
      if (!response) continue;
      const { vectors } = await makeMemoryEmbedder().embedInputs(inputs);
      assert.deepEqual(
        response.body.data.map(({ embedding }: { embedding: number[] }) => embedding),
        vectors.map((vector) => [...vector]),
      );
    }
    assert.deepEqual(
      rows.filter(({ response }) => response).map(({ custom_id }) => custom_id),
      ['a', 'c'],
    );
    // A crash can leave the sum too high until midnight, never too low.
    const day = dayOf(Date.parse(file?.createdAt ?? ''));
    const counted = await world.spend.get({ caller: 'docs', day });
    assert.ok((counted?.tokens ?? 0) >= (file?.counts.promptTokens ?? 0));
    assert.equal(file?.counts.promptTokens, 4);
  },
};

/** Everything that the stores, queues, the bus and the log hold. */
const allRecords = (world: World): string =>
  JSON.stringify([
    ...[...world.runs.runs.values(), ...world.list.entries.values()],
    ...[...world.content.objects].map(([key, body]) => [key, body.toString()]),
    ...[...world.bus.events, ...world.log.entries, world.vectorIds()],
  ]);

/**
 * A run whose texts are for its client alone: whatever fails, none of them is left, and the figures are. Its request is
 * lost with the worker that accepts it, unless the client repeats it.
 */
const notStored = (
  name: string,
  { ask = start, ...body }: Record<string, unknown> & { prompt: string; ask?: typeof start },
  status: string,
): Scenario => ({
  name,
  begin: ask({ ...body, store: false }),
  expected: (world) => {
    const records = allRecords(world);
    for (const text of [body.prompt, LONG.slice(0, 20)]) assert.ok(!records.includes(text), text);
    for (const { id, status: ended, error, generations } of world.runs.runs.values()) {
      assert.ok(ended === status || error?.code === 'attempts_exhausted', `${id} is ${ended}`);
      for (const one of generations) assert.ok(one.status === 'failed' || (one.completionTokens ?? 0) > 0);
    }
  },
});

/** Asks as a client without an Idempotency-Key, which does not repeat its request. */
const startOnce: typeof start = (body) => async (machine) => {
  const ask = makeStartRun(machine.worker());
  await ask(body, { caller: 'docs' }).then(
    async (started) => started.kind === 'started' && (await started.done),
    () => {},
  );
};

export const SCENARIOS: Scenario[] = [
  {
    name: 'a run asked for directly',
    begin: start({ prompt: 'x'.repeat(1_100), settings }),
    expected: endsAs('completed'),
  },
  {
    name: 'a run whose model answers before it is written',
    begin: startEarly({ prompt: 'early' }),
    expected: allStand,
  },
  {
    name: 'a background run of which half fails',
    begin: start({ prompt: 'half', background: true, settings }),
    expected: endsAs('completed'),
  },
  {
    name: 'a run that calls tools',
    begin: start({
      prompt: 'plain',
      background: true,
      settings,
      tools: [{ type: 'function', function: { name: 'look_up' } }],
    }),
    expected: hasOwnCalls,
  },
  {
    name: 'a run that fails',
    begin: start({ prompt: 'fail', background: true }),
    expected: endsAs('failed'),
  },
  {
    name: 'a run that is not to be indexed',
    begin: start({ prompt: 'plain', index: false }),
    expected: (world) => {
      endsAs('completed')(world);
      assert.deepEqual(world.bus.idsOf('RunGenerated'), []);
    },
  },
  twoResponses,
  notStored('a run of which no text is stored', { prompt: 'secret half', settings }, 'completed'),
  notStored(
    'a background run of which no text is stored',
    { prompt: 'secret', background: true },
    'completed',
  ),
  notStored(
    'a run of which no text is stored, asked for once',
    { prompt: 'secret', ask: startOnce },
    'completed',
  ),
  notStored('a run of which no text is stored, and which fails', { prompt: 'secret fail' }, 'failed'),
  {
    name: 'a run with an empty output',
    begin: start({ prompt: 'nothing' }),
    expected: (world) => assert.deepEqual(world.vectorIds(), {}),
  },
  {
    name: "a run within its caller's budget",
    begin: async (machine, world) => {
      await world.budgets.set('docs', { tokens: 1_000_000, costUsd: 1 });
      await start({ prompt: 'half', background: true, settings })(machine);
    },
    expected: async (world) => {
      endsAs('completed')(world);
      // A crash can leave the sum too high until midnight, never too low.
      const [run] = world.runs.runs.values();
      const used = run?.generations.map((one) => (one.promptTokens ?? 0) + (one.completionTokens ?? 0)) ?? [];
      const day = dayOf(Date.parse(run?.createdAt ?? ''));
      const counted = await world.spend.get({ caller: 'docs', day });
      assert.ok((counted?.tokens ?? 0) >= used.reduce((sum, each) => sum + each, 0));
    },
  },
  {
    name: 'a run asked for directly by a caller that may have one in flight',
    world: { callerLimits: onePlace },
    begin: async (machine, world) => {
      // The count of a worker that died refuses its caller for two minutes at most; two faults leave two.
      for (let minute = 0; minute < 4; minute += 1) {
        const isAnswered = await start({ prompt: 'plain' })(machine).then(
          () => true,
          () => false,
        );
        if (isAnswered) return;
        await world.clock.advance(60_000);
      }
      await start({ prompt: 'plain' })(machine);
    },
    expected: async (world) => {
      endsAs('completed')(world);
      await countsNothing(world);
    },
  },
  {
    name: 'a background run of a caller that may have one in flight',
    isLarge: true,
    world: { callerLimits: onePlace },
    begin: async (machine, world) => {
      // Another one is in flight, whose worker died.
      await world.load.enter('docs', Math.floor(world.clock.now() / 60_000), 'jobs', 1);
      await start({ prompt: 'plain', background: true })(machine);
    },
    expected: async (world) => {
      endsAs('completed')(world);
      await countsNothing(world);
    },
  },
  {
    name: 'a file of a caller that may have one line in flight',
    isLarge: true,
    world: { callerLimits: onePlace, limits },
    begin: async (machine, world) => {
      await world.load.enter('files', Math.floor(world.clock.now() / 60_000), 'jobs', 1);
      await drop(jsonLines('one', '', 'two'), 'questions.jsonl')(machine, world);
    },
    expected: async (world) => {
      endsWith('completed_with_errors', 3)(world);
      await countsNothing(world);
    },
  },
  cancelledBefore(0),
  cancelledBefore(1),
  cancelledBefore(1, { store: false }),
  deletedBefore(0),
  deletedBefore(1),
  deletedBefore(2),
  deletedBefore(1, { what: 'turn', messages: [{ role: 'user', content: 'plain' }] }),
  deletedBefore(2, { what: 'turn', messages: [{ role: 'user', content: 'plain' }] }),
  {
    name: 'a file of four lines',
    isLarge: true,
    begin: drop(JSON.stringify(file)),
    expected: (world) => {
      endsAs('completed', 'completed', 'failed')(world);
      const [one] = world.files.files.values();
      assert.deepEqual([one?.status, one?.lines], ['completed_with_errors', 4]);
    },
  },
  {
    name: 'a file of four blocks',
    isLarge: true,
    world: { limits },
    begin: drop(jsonLines('one', 'one', '', '', '', 'two', 'three'), 'questions.jsonl'),
    expected: endsWith('completed_with_errors', 7),
  },
  {
    name: 'a file of more lines than are sent at once',
    isLarge: true,
    world: { limits: { ...limits, blockLines: 5 } },
    begin: drop(jsonLines('one', '', 'two', 'three', 'four'), 'questions.jsonl'),
    expected: endsWith('completed_with_errors', 5),
  },
  {
    name: 'a file stopped before step 5',
    isLarge: true,
    world: { limits },
    begin: async (machine, world) => {
      await drop(jsonLines('one', '', 'two', 'three', 'four', 'five'), 'questions.jsonl')(machine, world);
      await machine.untilQuiet(async (now) => {
        const [id] = world.files.files.keys();
        if (now === 5 && id !== undefined)
          await retryUntilAnswered(() => stopFile(id, 'cancelled', machine.worker()));
      });
    },
    expected: (world) => {
      const [one] = world.files.files.values();
      // With crashes, its reading may still be under way.
      const isRead = one?.generatingAt !== null;
      assert.deepEqual([one?.status, one?.lines], isRead ? ['completed_with_errors', 6] : ['cancelled', 0]);
    },
  },
  retriedFile,
  embeddedBatch,
  fileDeletedBefore(1),
  fileDeletedBefore(4),
  fileDeletedBefore(40),
  {
    name: 'a file that makes every reader fail',
    isLarge: true,
    begin: async (machine, world) => {
      world.readSource = () => Promise.reject(serverError());
      await drop(jsonLines('one'), 'questions.jsonl')(machine, world);
    },
    expected: (world) => {
      const [one] = world.files.files.values();
      assert.deepEqual([one?.status, one?.error?.code], ['failed', 'attempts_exhausted']);
    },
  },
  {
    name: 'a file stopped while it makes every reader fail',
    isLarge: true,
    begin: async (machine, world) => {
      world.readSource = () => Promise.reject(serverError());
      await drop(jsonLines('one'), 'questions.jsonl')(machine, world);
      await machine.untilQuiet(async (now) => {
        const [id] = world.files.files.keys();
        if (now === 2 && id !== undefined)
          await retryUntilAnswered(() => stopFile(id, 'cancelled', machine.worker()));
      });
    },
    expected: (world) => {
      const [one] = world.files.files.values();
      assert.ok(one?.status === 'cancelled' || one?.error?.code === 'attempts_exhausted');
    },
  },
  {
    name: 'a run whose outputs are refused for good',
    isLarge: true,
    world: { embedder: makeMemoryEmbedder({ refuses: (text) => text.includes('xx') }) },
    begin: start({ prompt: 'plain', background: true }),
    expected: (world) => {
      endsAs('failed')(world);
      const [run] = world.runs.runs.values();
      // A crash counts as a failed attempt, too.
      assert.ok(['index_refused', 'attempts_exhausted'].includes(run?.error?.code ?? ''));
      assert.deepEqual(
        run?.generations.map(({ status }) => status),
        ['completed'],
      );
    },
  },
  {
    name: 'a file and too little time',
    isLarge: true,
    world: { limits, remainingMs: () => 20_000 },
    begin: drop(jsonLines('one', 'two', 'one'), 'questions.jsonl'),
    expected: endsWith('completed', 3),
  },
  {
    name: 'a file that cannot be read',
    begin: drop('no json'),
    expected: (world) => {
      const files = [...world.files.files.values()];
      assert.deepEqual(
        files.map(({ status, error }) => [status, error?.code]),
        [['failed', 'invalid_json']],
      );
    },
  },
];

/**
 * Runs a scenario to its end while the planned effects (by their number, from 1) fail, and returns the names of all
 * effects in order. Rejects, naming the plan, when the scenario does not end as expected.
 */
export const runWithFaults = async (
  { name, begin, expected, world: options }: Scenario,
  plan: ReadonlyMap<number, Fault> = new Map(),
): Promise<string[]> => {
  const world = makeWorld({ generateOne: generateOne(), ...options });
  const faults = makeFaults(plan);
  const machine = makeMachine(world, faults);
  try {
    await begin(machine, world);
    await machine.untilQuiet();
    await expectAllEnded(world);
    await expected(world);
  } catch (error) {
    const met = [...plan].map(([at, fault]) => `${fault} at effect ${at} (${faults.effects[at - 1]})`);
    throw new Error(`${name} does not survive: ${met.join(', ') || 'nothing at all'}`, { cause: error });
  }
  return faults.effects;
};
