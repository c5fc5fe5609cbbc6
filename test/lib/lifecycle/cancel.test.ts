import { beforeEach, describe, expect, test } from 'vitest';
import { generateJob } from '../../../lib/files/work/generate-job.ts';
import type { GenerateOne } from '../../../lib/generate/generate-one.ts';
import { cancelRun } from '../../../lib/lifecycle/cancel.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { settled } from '../../memory/clock.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

/** Answers its first generation and never its second. */
const halfDone: GenerateOne = (input) =>
  input.index === 0
    ? makeGenerateOne()(input)
    : new Promise((_, reject) => input.signal.addEventListener('abort', () => reject(input.signal.reason)));
const start = (own: Record<string, unknown> = {}, generateOne = makeGenerateOne()) =>
  makeStartRun({ ...world.deps, generateOne })({ prompt: 'why', ...own }, { caller: 'docs' });

describe('a run that is cancelled', () => {
  test('while it is queued is never started', async () => {
    const { run } = await start({ background: true });
    expect(await cancelRun(run.id, 'docs', world.deps)).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled' },
    });
    const generateOne = makeGenerateOne();
    await generateJob({ type: 'run', run_id: run.id }, { ...world.deps, generateOne });
    expect(generateOne.calls).toEqual([]);
    expect(world.bus.idsOf('RunFailed')).toEqual([`${run.id}.RunFailed`]);
  });

  test('under way stops when its lease is renewed, and nothing of its output is published or kept', async () => {
    const started = await start({ samples: 2 }, halfDone as ReturnType<typeof makeGenerateOne>);
    await settled();
    await cancelRun(started.run.id, 'docs', world.deps);
    await world.clock.advance(20_000);
    if (started.kind === 'started') {
      expect(await started.done).toMatchObject({ status: 'cancelled', generations: [] });
    }
    expect(await world.content.list('outputs/')).toHaveLength(1);
    await world.clock.advance(600_000);
    await sweep(world.deps);
    expect(await world.content.list('outputs/')).toEqual([]);
    expect(await world.runs.get(started.run.id)).toMatchObject({ status: 'cancelled', dueAt: null });
  });

  test('does not change when it is cancelled again, or when a late job or event comes', async () => {
    const { run } = await start({ background: true });
    const first = await cancelRun(run.id, 'docs', world.deps);
    expect(await cancelRun(run.id, 'docs', world.deps)).toEqual(first);
    await generateJob({ type: 'run', run_id: run.id }, world.deps);
    expect(await world.runs.get(run.id)).toEqual(first);
    expect(world.bus.events).toHaveLength(1);
  });

  test('has its end sent once the bus is available again', async () => {
    const { run } = await start({ background: true });
    world.bus.down = true;
    await cancelRun(run.id, 'docs', world.deps);
    world.bus.down = false;
    await world.clock.advance(60_000);
    await sweep(world.deps);
    expect(world.bus.idsOf('RunFailed')).toEqual([`${run.id}.RunFailed`]);
  });
});

test('a run that is generated, or has ended, cannot be cancelled', async () => {
  const started = await start();
  if (started.kind === 'started') await started.done;
  await expect(cancelRun(started.run.id, 'docs', world.deps)).rejects.toMatchObject({ code: 'conflict' });
  expect(await world.runs.get(started.run.id)).toMatchObject({ status: 'generated' });
});

test("a caller cannot cancel another caller's run", async () => {
  const { run } = await start({ background: true });
  await expect(cancelRun(run.id, 'other', world.deps)).rejects.toMatchObject({ code: 'not_found' });
  await expect(cancelRun('run_nonsense', 'docs', world.deps)).rejects.toMatchObject({ code: 'not_found' });
  expect(await world.runs.get(run.id)).toMatchObject({ status: 'queued' });
});
