import { beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../../lib/operate/sweep.ts';
import { makePromptFile } from '../../factories/prompt-file.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const MINUTE = 60_000;
let world: World;
beforeEach(() => {
  world = makeWorld();
});

describe('a due file', () => {
  test('is sent to intake, and is due again in ten minutes, then in twenty', async () => {
    const file = makePromptFile({ dueAt: world.clock.now() });
    await world.files.create(file);
    await sweep(world.deps);
    expect(world.fileQueue.bodies()).toEqual([{ type: 'file', file_id: file.id }]);
    expect(await world.files.get(file.id)).toMatchObject({
      dueAt: world.clock.now() + 10 * MINUTE,
      dueTries: 1,
    });
  });

  test('whose assembler was killed is sent to intake when the lease has run out, without counting a try', async () => {
    const file = makePromptFile({ status: 'generating', dueAt: world.clock.now() });
    await world.files.create(file);
    const lease = { token: 'aa', until: world.clock.now() + MINUTE };
    await world.files.change(file.id, { lease }, {});
    await sweep(world.deps, { reconcile: 'all' });
    expect(world.fileQueue.bodies()).toEqual([]);
    expect(await world.files.get(file.id)).toMatchObject({ dueAt: lease.until + 1, dueTries: 0, lease });
    await world.clock.advance(MINUTE + 1);
    await sweep(world.deps);
    expect(world.fileQueue.bodies()).toEqual([{ type: 'file', file_id: file.id }]);
  });
});
