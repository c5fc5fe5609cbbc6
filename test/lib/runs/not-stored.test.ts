import { beforeEach, describe, expect, test } from 'vitest';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { audit } from '../../../lib/operate/audit/audit.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { requestKey } from '../../../lib/runs/keys.ts';
import { withoutTexts } from '../../../lib/runs/not-stored.ts';
import { readGeneration, readTrace } from '../../../lib/runs/read-run.ts';
import { summarizeRun } from '../../../lib/runs/view.ts';
import { makeGenerateOne, makeGeneration, makeTokenLogprob, makeTrace } from '../../factories/generation.ts';
import { readRun } from '../../fixtures/run-view.ts';
import { makeMemoryScan } from '../../memory/audit-ports.ts';
import { makeWorld, type World } from '../../memory/world.ts';
import { workOff } from '../../memory/world-api.ts';
import { exportedRows } from '../export/exported-world.ts';

const CALLER = 'docs';
const SECRET = 'the word is heliotrope';
const body = {
  messages: [{ role: 'user', content: `Repeat: ${SECRET}.` }],
  samples: 2,
  stop: ['heliotrope stops'],
  temperature: 0.5,
  metadata: { team: 'docs' },
  checks: [{ type: 'contains', value: 'heliotrope' }],
  store: false,
};

let world: World;
beforeEach(() => {
  world = makeWorld({ generateOne: withLogprobs() });
});

/** Outputs that repeat the prompt, each token with its log probability, and report their sampling. */
const withLogprobs = () => {
  const inner = makeGenerateOne(({ messages }) => messages.at(-1)?.content ?? '');
  return Object.assign(
    async (task: Parameters<typeof inner>[0]) => {
      const { generation, trace } = await inner(task);
      const chunks = trace.chunks.map((chunk) => ({ ...chunk, logprobs: [makeTokenLogprob(chunk.text)] }));
      const { temperature = null, stop } = task.setting;
      const asked = { temperature, stop, user: 'heliotrope@example.com' };
      const sampling = { requested: asked, sent: asked, effective: asked, warnings: [] };
      return { generation: { ...generation, sampling }, trace: { ...trace, chunks } };
    },
    { calls: inner.calls },
  );
};

const start = async (own: Record<string, unknown> = {}, options: { idempotencyKey?: string } = {}) =>
  makeStartRun(world.deps)({ ...body, ...own }, { caller: CALLER, ...options });
const ended = async (own: Record<string, unknown> = {}, options: { idempotencyKey?: string } = {}) => {
  const started = await start(own, options);
  return started.kind === 'started' ? started.done : started.run;
};

/** All that the ports hold. */
const records = (): string =>
  JSON.stringify([
    ...[...world.runs.runs.values(), ...world.list.entries.values()],
    ...[...world.content.objects].map(([key, bytes]) => [key, bytes.toString()]),
    ...[...world.bus.events, ...world.log.entries, world.vectorIds()],
  ]);

describe('a run with store: false', () => {
  test('answers its client whole', async () => {
    const run = await ended();
    expect(run).toMatchObject({ status: 'completed', store: false, messages: body.messages });
    expect(run.generations.map(({ text }) => text)).toEqual([`Repeat: ${SECRET}.`, `Repeat: ${SECRET}.`]);
    expect(run.generations[0]).toMatchObject({
      output_sha256: expect.any(String),
      checks: [{ passed: true }],
    });
    expect(run.diversity).toMatchObject({ n: 2 });
  });

  test('leaves no text, no hash of one and no vector in any record', async () => {
    const { id, generations } = await ended();
    expect(records()).toContain(id);
    expect(records()).not.toContain('heliotrope');
    for (const { output_sha256 } of generations) expect(records()).not.toContain(output_sha256);
    expect(world.content.objects.has(requestKey(id))).toBe(false);
    expect(world.vectorIds()).toEqual({});
    expect((await audit({ ...world.deps, scan: makeMemoryScan(world) })).findings).toEqual([]);
  });

  test('shows its figures, settings and results of checks afterwards, and null for each text', async () => {
    const whole = await ended();
    const read = await readRun(whole.id, CALLER, world);
    expect(read).toMatchObject({
      ...{ status: 'completed', store: false, prompt: null, messages: null, diversity: null },
      ...{ usage: whole.usage, cost_usd: whole.cost_usd, checks: whole.checks, metadata: body.metadata },
    });
    const [generation] = read.generations;
    expect(generation).toMatchObject({
      ...{ text: null, not_stored: true, output_sha256: null, checks: [{ passed: true }] },
      sampling: { requested: { temperature: 0.5 }, sent: { temperature: 0.5 } },
    });
    expect(generation?.timing).toEqual(whole.generations[0]?.timing);
    expect(await readGeneration(whole.id, 0, CALLER, world)).toEqual(generation);
  });

  test('keeps the times of its traces, without texts and log probabilities', async () => {
    const { id } = await ended();
    const whole = makeTrace(`Repeat: ${SECRET}.`);
    expect(await readTrace(id, 0, CALLER, world)).toEqual({
      marks: whole.marks,
      chunks: whole.chunks.map(({ t_ms, tokens }) => ({ t_ms, text: '', tokens })),
    });
  });

  test('stands in lists and exports without previews', async () => {
    const { id } = await ended();
    const { runs } = await world.listRuns({ caller: CALLER, limit: 1 });
    expect(runs.map(summarizeRun)).toMatchObject([
      { id, store: false, prompt_preview: null, text_preview: null, counts: { completed: 2 } },
    ]);
    for (const parameters of ['', '&texts=true']) {
      const rows = await exportedRows(world, parameters);
      expect(rows).toMatchObject([
        { run_id: id, store: false, prompt: null, messages: null, text: null },
        {},
      ]);
      expect(rows[0]).toMatchObject({ temperature: 0.5, completion_tokens: expect.any(Number) });
    }
  });

  test('of which all outputs fail keeps the code, and none of the words of the server', async () => {
    const message = `cannot answer: ${SECRET}`;
    const generation = makeGeneration({ text: null, error: { code: 'invalid_request', message } });
    world = makeWorld({ generateOne: async () => ({ generation, trace: makeTrace(null) }) });
    expect(await ended({ samples: 1 })).toMatchObject({ error: { message } });
    const [run] = world.runs.runs.values();
    expect(await readRun(run?.id ?? '', CALLER, world)).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_request', message: 'the model server refused the request' },
    });
    expect(records()).not.toContain('heliotrope');
  });

  test('shows its prompt until it has ended, also in the background', async () => {
    const { id } = await ended({ background: true });
    expect(await readRun(id, CALLER, world)).toMatchObject({ status: 'queued', messages: body.messages });
    await workOff(world);
    expect(await readRun(id, CALLER, world)).toMatchObject({ status: 'completed', messages: null });
    expect(records()).not.toContain('heliotrope');
  });

  test('is replayed without its texts, and another body with its key is refused', async () => {
    const key = { idempotencyKey: 'order-1' };
    await ended({}, key);
    const { kind, run } = await start({}, key);
    expect(kind).toBe('replayed');
    expect(run.generations).toMatchObject([{ text: null, not_stored: true }, { text: null }]);
    for (const other of [{ samples: 1 }, { store: true }])
      await expect(start(other, key)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  test('loses a request that a repeat saves late, when the sweep comes by', async () => {
    const { id } = await ended({}, { idempotencyKey: 'order-1' });
    await world.content.put(requestKey(id), SECRET, 'application/json');
    await world.clock.advance(10 * 60_000);
    await sweep(world.deps);
    expect(records()).not.toContain('heliotrope');
    expect((await world.runs.get(id))?.dueAt).toBeNull();
  });
});

test('a generation without texts has the words of its code in place of those of a server', () => {
  const error = { code: 'rate_limited', message: SECRET };
  expect(withoutTexts(makeGeneration({ text: null, error })).error?.message).toBe(
    'the model server limits the rate',
  );
});
