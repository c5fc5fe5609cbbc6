import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freshSeed } from '../../local/model/random.ts';
import { begin, COMMANDS, expectFinalState } from './commands.ts';
import { expectAllEnded } from './invariant.ts';

const HISTORIES = 150;

test('callers see the same as from a plain map of runs, in any order of operations', async () => {
  const seed = freshSeed();
  let commands = 0;
  let runs = 0;
  const history = fc.commands(COMMANDS, { maxCommands: 40, size: 'max' });
  await fc.assert(
    fc.asyncProperty(history, async (happenings) => {
      const { model, real } = begin();
      await fc.asyncModelRun(() => ({ model, real }), happenings);
      await real.machine.untilQuiet();
      await expectAllEnded(real.world);
      await expectFinalState(model, real);
      commands += [...happenings].length;
      runs += real.world.runs.runs.size;
    }),
    { numRuns: HISTORIES, seed },
  );
  console.log(
    `${HISTORIES} histories of ${commands} commands and ${runs} runs agree with the model, seed ${seed}`,
  );
  expect(commands).toBeGreaterThan(HISTORIES);
}, 240_000);
