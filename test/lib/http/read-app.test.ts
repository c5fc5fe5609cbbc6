import type { Hono } from 'hono';
import { beforeEach, describe, expect, test } from 'vitest';
import { createComparison } from '../../../lib/comparisons/create.ts';
import { deleteFile } from '../../../lib/files/delete-file.ts';
import { intakeObject } from '../../../lib/files/read/intake.ts';
import { makeAuthenticate } from '../../../lib/http/authenticate.ts';
import type { HttpEnv } from '../../../lib/http/base-app.ts';
import { comparisonSchema } from '../../../lib/http/comparisons/openapi.ts';
import { fileAnswerSchema } from '../../../lib/http/files/openapi.ts';
import { makeReadApp } from '../../../lib/http/read-app.ts';
import { readUseCases } from '../../../lib/http/read-use-cases.ts';
import { runSchema } from '../../../lib/http/runs/schemas.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { makeComparing } from '../../factories/comparison.ts';
import { settled } from '../../memory/clock.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
let app: Hono<HttpEnv>;
/** Reads of items, which cost. */
let reads: string[];

beforeEach(() => {
  world = makeWorld();
  reads = [];
  const { runs, files } = world.deps;
  const counting =
    <T>(get: (id: string) => Promise<T>) =>
    (id: string) => {
      reads.push(id);
      return get(id);
    };
  const counted = {
    ...world.deps,
    runs: { ...runs, get: counting(runs.get) },
    files: { ...files, get: counting(files.get) },
  };
  app = makeReadApp({
    ...readUseCases(counted),
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'docs', clock: world.clock }),
    clock: world.clock,
    log: world.log,
  });
});

/** Asks, and says whether it is answered already. */
const ask = (path: string, headers: Record<string, string> = {}) => {
  let isAnswered = false;
  const answer = Promise.resolve(app.request(path, { headers })).then((response) => {
    isAnswered = true;
    return response;
  });
  return { answer, isAnswered: () => isAnswered };
};

const queueRun = async (): Promise<string> => {
  const body = { prompt: 'Explain queues.', background: true };
  const { run } = await makeStartRun(world.deps)(body, { caller: 'docs' });
  return run.id;
};
const work = () => makeComparing(world).work();

describe('GET /runs/{id}?wait', () => {
  test('answers at the next change of status, with the run as it is then', async () => {
    const id = await queueRun();
    const { answer, isAnswered } = ask(`/runs/${id}?wait=20`);
    await world.clock.advance(5_500);
    expect(isAnswered()).toBe(false);
    await work();
    await world.clock.advance(1_000);
    const run = runSchema.parse(await (await answer).json());
    expect([run.status, run.generations.length]).toEqual(['generated', 1]);
  });

  test('answers what stands after the wait, having read once a second', async () => {
    const id = await queueRun();
    const { answer, isAnswered } = ask(`/runs/${id}`, { prefer: 'wait=3' });
    await world.clock.advance(2_900);
    expect(isAnswered()).toBe(false);
    await world.clock.advance(100);
    const response = await answer;
    expect([response.status, runSchema.parse(await response.json()).status]).toEqual([200, 'queued']);
    expect(reads).toEqual([id, id, id, id]);
  });

  test('answers at once a run that has ended, and without a wait', async () => {
    const waiting = await queueRun();
    expect(runSchema.parse(await (await ask(`/runs/${waiting}`).answer).json()).status).toBe('queued');
    await work();
    await makeComparing(world).embed();
    const { answer } = ask(`/runs/${waiting}?wait=20`);
    await settled();
    expect(runSchema.parse(await (await answer).json()).status).toBe('completed');
  });

  test('answers 410 when the run is deleted meanwhile', async () => {
    const id = await queueRun();
    const { answer } = ask(`/runs/${id}?wait=20`);
    await settled();
    await deleteRun(id, 'docs', world.deps);
    await world.clock.advance(1_000);
    expect((await answer).status).toBe(410);
  });

  test('refuses a wait of more than 20 seconds by its name, without reading', async () => {
    const response = await app.request('/runs/run_0?wait=21');
    expect(await response.json()).toMatchObject({
      status: 400,
      errors: [{ path: 'wait', message: 'must be a whole number from 0 to 20' }],
    });
    expect(reads).toEqual([]);
  });
});

describe('GET /files/{id}?wait', () => {
  test('answers at the next change of status, and 410 when the file is deleted meanwhile', async () => {
    await intakeObject(world.drop('prompts/@docs/lines.jsonl', '{"prompt":"one"}\n'), world.deps);
    const [id = ''] = [...world.files.files.keys()];
    const first = ask(`/files/${id}?wait=20`);
    await world.clock.advance(3_000);
    expect(first.isAnswered()).toBe(false);
    await work();
    await world.clock.advance(1_000);
    expect(fileAnswerSchema.parse(await (await first.answer).json()).status).toBe('completed');

    const ended = ask(`/files/${id}?wait=20`);
    await settled();
    expect(fileAnswerSchema.parse(await (await ended.answer).json()).ended_at).not.toBeNull();
    await deleteFile(id, world.deps);
    expect((await ask(`/files/${id}?wait=20`).answer).status).toBe(410);
  });
});

describe('GET /comparisons/{id}?wait', () => {
  const create = async () => {
    const body = { prompts: ['one'], settings: [{ label: 'a' }, { label: 'b' }], samples: 2 };
    return (await createComparison(body, { caller: 'docs' }, world.deps)).id;
  };

  test('reads its file alone while it is generated, and answers when that has ended', async () => {
    const id = await create();
    await makeComparing(world).workNow();
    const { answer, isAnswered } = ask(`/comparisons/${id}?wait=20`);
    await world.clock.advance(2_500);
    const asked = reads.length;
    expect(new Set(reads)).toEqual(new Set([id]));
    expect([isAnswered(), asked]).toEqual([false, 3]);
    await work();
    await world.clock.advance(5_000);
    expect(comparisonSchema.parse(await (await answer).json()).status).toBe('generated');
  });

  test('answers with the texts once the vectors are stored', async () => {
    const id = await create();
    await work();
    await work();
    const { answer, isAnswered } = ask(`/comparisons/${id}?wait=20`);
    await world.clock.advance(4_000);
    expect(isAnswered()).toBe(false);
    await makeComparing(world).embed();
    await world.clock.advance(5_000);
    const comparison = comparisonSchema.parse(await (await answer).json());
    expect([comparison.status, comparison.texts?.length]).toEqual(['completed', 2]);
  });
});
