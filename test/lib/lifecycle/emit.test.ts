import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../../lib/json/canonical-json.ts';
import { dueAfterEvents, emitPending, runEvent, sendRunJob } from '../../../lib/lifecycle/emit.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const generated = makeRun({
  status: 'generated',
  labels: ['a', 'b'],
  generations: [
    makeFigures(),
    makeFigures({ status: 'failed', sha256: null, chunks: 0, errorCode: 'server_error' }),
  ],
  pending: ['RunGenerated'],
});

test('the event holds pointers and figures of completed outputs, made from the run alone', async () => {
  await world.runs.create(generated);
  await emitPending(generated, world);
  expect(world.bus.events).toEqual([
    {
      type: 'RunGenerated',
      detail: {
        schema_version: 1,
        event_id: `${generated.id}.RunGenerated`,
        run_id: generated.id,
        caller: 'docs',
        model: 'gpt-6-luna',
        status: 'generated',
        outputs: [
          {
            index: 0,
            label: 'a',
            bucket: 'content',
            key: `outputs/${generated.id}/0.0123456789ab.json`,
            sha256: sha256Hex('text'),
            chars: 400,
            chunks: 1,
            usage: { prompt_tokens: 9, completion_tokens: 77 },
            timing: { ttft_ms: 142.25, tpot_ms: 11.1, e2e_ms: 990.5 },
          },
        ],
      },
    },
  ]);
});

test('the event of a generated run stays pending when it was sent, and its item is not written', async () => {
  await world.runs.create(generated);
  const run = await emitPending(generated, world);
  expect(run).toEqual(generated);
  expect(await world.runs.get(run.id)).toEqual(generated);
});

test('the event of a run that has ended is cleared, and the run entered in its list', async () => {
  const failed = makeRun({ status: 'failed', pending: ['RunFailed'], error: { code: 'x', message: 'y' } });
  await world.runs.create(failed);
  const run = await emitPending(failed, world, { promptPreview: 'Explain' });
  expect(run).toMatchObject({ pending: [], dueAt: null });
  expect(await world.list.get(run)).toMatchObject({ status: 'failed', promptPreview: 'Explain' });
});

test('events that the bus does not accept stay pending and due', async () => {
  await world.runs.create(generated);
  world.bus.down = true;
  await expect(emitPending(generated, world)).rejects.toMatchObject({
    name: 'UpstreamError',
    service: 'events',
  });
  expect(await world.runs.get(generated.id)).toEqual(generated);
});

test('a run that changed while its event was sent is not touched', async () => {
  const completed = { ...generated, status: 'completed', pending: ['RunCompleted'], dueAt: 5 } as const;
  await world.runs.create({ ...completed, pending: ['RunCompleted'] });
  expect(await emitPending(generated, world)).toEqual(generated);
  expect(await world.runs.get(generated.id)).toEqual(completed);
});

test('a run without pending events is left as it is', async () => {
  const run = makeRun({ status: 'completed', dueAt: null });
  expect(await emitPending(run, world)).toBe(run);
  expect(world.bus.events).toEqual([]);
});

test('the event of a failed run has its code, and that of a line of a file its place', async () => {
  const run = makeRun({
    status: 'failed',
    pending: ['RunFailed'],
    error: { code: 'server_error', message: 'answered 500', status: 500 },
    file: { fileId: 'file_1', block: 0, line: 7 },
  });
  await world.runs.create(run);
  await emitPending(run, world);
  expect(world.bus.events[0]?.detail).toMatchObject({
    event_id: `${run.id}.RunFailed`,
    outputs: [],
    error: { code: 'server_error', message: 'answered 500' },
    file: { id: 'file_1', line: 7 },
  });
});

describe('the next due time', () => {
  const now = Date.UTC(2026, 10, 22, 14);
  test('of a run that has ended is never, or the end of its retention', () => {
    const run = makeRun({ status: 'completed' });
    expect(dueAfterEvents(run, now, undefined)).toBeNull();
    expect(dueAfterEvents(run, now, 30)).toBe(Date.UTC(2026, 11, 22, 13));
  });
});

const sent = async (...[run, delayMs]: [ReturnType<typeof makeRun>, number?]) => {
  const messages: unknown[] = [];
  await sendRunJob(run, { send: async (...message) => void messages.push(message) }, delayMs);
  return messages;
};

const run = makeRun({ trace: null });

test('a job names its run, and is sent without delay by default', async () => {
  expect(await sent(run)).toEqual([[{ type: 'run', run_id: run.id }, {}]]);
});

test.each([
  [1, 1],
  [1_001, 2],
  [900_000, 900],
  [3_600_000, 900],
])('a delay of %i ms becomes %i s: whole seconds, a quarter of an hour at most', async (ms, delaySeconds) => {
  expect(await sent(run, ms)).toEqual([[{ type: 'run', run_id: run.id }, { delaySeconds }]]);
});

test('a job is sent in the trace of its run', async () => {
  const trace = { traceId: '6b035ad5b358075ff52825a52b01b694', parentId: '00f067aa0ba902b7', sampled: true };
  expect(await sent(makeRun({ trace }))).toMatchObject([
    [{}, { traceHeader: 'Root=1-6b035ad5-b358075ff52825a52b01b694;Parent=00f067aa0ba902b7;Sampled=1' }],
  ]);
});

const schema = JSON.parse(
  readFileSync(new URL('../../../docs/events/run-event.schema.json', import.meta.url), 'utf8'),
);

const validate = new Ajv2020({ allErrors: true }).compile(schema);

const isValid = (detail: unknown) => {
  validate(detail);
  expect(validate.errors).toBeNull();
};

describe('runEvent', () => {
  const run = makeRun({
    status: 'generated',
    labels: ['a', 'b'],
    generations: [makeFigures(), makeFigures({ status: 'failed', sha256: null, errorCode: 'rate_limited' })],
  });

  test('matches its published schema, for each kind of event', () => {
    isValid(runEvent(run, 'RunGenerated', 'content').detail);
    isValid(runEvent({ ...run, status: 'completed' }, 'RunCompleted', 'content').detail);
    const error = { code: 'rate_limited', message: 'limited' };
    const file = { fileId: 'file_1', block: 0, line: 7 };
    const trace = {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentId: '00f067aa0ba902b7',
      sampled: true,
    };
    isValid(runEvent({ ...run, status: 'failed', error, file, trace }, 'RunFailed', 'content').detail);
  });

  test('points at completed outputs alone, under the key of the lease that saved them', () => {
    const { detail } = runEvent(run, 'RunGenerated', 'content');
    const { lease } = makeFigures();
    expect(detail.outputs).toMatchObject([
      { index: 0, label: 'a', bucket: 'content', key: `outputs/${run.id}/0.${lease}.json` },
    ]);
  });

  test('is the same event whenever it is built again', () => {
    expect(runEvent(run, 'RunGenerated', 'content')).toEqual(runEvent(run, 'RunGenerated', 'content'));
    expect(runEvent(run, 'RunGenerated', 'content').detail.event_id).toBe(`${run.id}.RunGenerated`);
  });
});
