import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deleteRun } from '../../lib/runs/delete-run.ts';
import { makeStartRun } from '../../lib/runs/start-run.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { FAULTS, type Fault, makeFaults } from './faults.ts';
import { expectAllEnded } from './invariant.ts';
import { insist, type Machine, makeMachine } from './machine.ts';

type Scenario = {
  name: string;
  begin: (machine: Machine, world: World) => Promise<unknown>;
  expected: (world: World) => void;
};

/** Two paragraphs that do not fit into one vector. */
const LONG = `${'x'.repeat(1_500)}\n\n${'y'.repeat(1_500)}`;

/** Answers by the prompt: some are long enough for two vectors, some empty, some fail. */
const generateOne = () =>
  makeGenerateOne(({ index, messages }) => {
    const prompt = messages.at(-1)?.content ?? '';
    if (prompt.includes('fail') || (prompt.includes('half') && index % 2 === 1)) return null;
    return prompt.includes('nothing') ? '' : `${index}: ${LONG}`;
  });

const start = (body: Record<string, unknown>) => (machine: Machine) =>
  insist(async () => {
    const started = await makeStartRun(machine.worker())(body, { caller: 'docs', idempotencyKey: 'order-1' });
    if (started.kind === 'started') await started.done;
  });

const settings = [{ label: 'a' }, { label: 'b', temperature: 1 }];
const file = [{ prompt: 'one' }, { prompt: 'one' }, { prompt: '' }, { prompt: 'fail' }];

const statuses = (world: World) => [...world.runs.runs.values()].map(({ status }) => status).sort();

const SCENARIOS: Scenario[] = [
  {
    name: 'a run asked for directly',
    begin: start({ prompt: 'x'.repeat(1_100), settings }),
    expected: (world) => expect(statuses(world)).toEqual(['completed']),
  },
  {
    name: 'a background run of which half fails',
    begin: start({ prompt: 'half', background: true, settings }),
    expected: (world) => expect(statuses(world)).toEqual(['completed']),
  },
  {
    name: 'a run that fails',
    begin: start({ prompt: 'fail', background: true }),
    expected: (world) => expect(statuses(world)).toEqual(['failed']),
  },
  {
    name: 'a run that is not to be indexed',
    begin: start({ prompt: 'plain', index: false }),
    expected: (world) => {
      expect(statuses(world)).toEqual(['completed']);
      expect(world.bus.idsOf('RunGenerated')).toEqual([]);
    },
  },
  {
    name: 'a run with an empty output',
    begin: start({ prompt: 'nothing' }),
    expected: (world) => expect(world.vectorIds()).toEqual({}),
  },
  {
    name: 'a file of four lines',
    begin: (machine, world) =>
      machine.objects.send(world.drop('prompts/questions.json', JSON.stringify(file))),
    expected: (world) => {
      expect(statuses(world)).toEqual(['completed', 'completed', 'failed']);
      const [one] = world.files.files.values();
      expect(one).toMatchObject({ status: 'completed_with_errors', lines: 4 });
    },
  },
  {
    name: 'a file that cannot be read',
    begin: (machine, world) => machine.objects.send(world.drop('prompts/questions.json', 'no json')),
    expected: (world) =>
      expect([...world.files.files.values()]).toMatchObject([
        { status: 'failed', error: { code: 'invalid_json' } },
      ]),
  },
];

/** Runs a scenario to its end with the planned faults, and returns how many effects it took. */
const survive = async ({ begin, expected }: Scenario, plan: ReadonlyMap<number, Fault>): Promise<number> => {
  const world = makeWorld({ generateOne: generateOne() });
  const faults = makeFaults(plan);
  const machine = makeMachine(world, faults);
  try {
    await begin(machine, world);
    await machine.untilQuiet();
    await expectAllEnded(world);
    expected(world);
  } catch (error) {
    const met = [...plan].map(([at, fault]) => `${fault} at effect ${at} (${faults.effects[at - 1]})`);
    throw new Error(`does not survive: ${met.join(', ') || 'nothing at all'}`, { cause: error });
  }
  return faults.effects.length;
};

describe.each(SCENARIOS)('$name', (scenario) => {
  test('reaches its one end without any fault', async () => {
    await survive(scenario, new Map());
  });

  test.each(FAULTS)('reaches its one end whichever effect is: %s', async (fault) => {
    const count = await survive(scenario, new Map());
    for (let at = 1; at <= count; at += 1) await survive(scenario, new Map([[at, fault]]));
  });

  test('reaches its one end with two faults anywhere', async () => {
    const count = await survive(scenario, new Map());
    const at = fc.integer({ min: 1, max: count + 10 });
    const fault = fc.constantFrom(...FAULTS);
    await fc.assert(
      fc.asyncProperty(at, fault, at, fault, async (a, first, b, second) => {
        await survive(
          scenario,
          new Map([
            [a, first],
            [b, second],
          ]),
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe('a run that is deleted', () => {
  const scenario = (step: number): Scenario => ({
    name: `before step ${step}`,
    begin: async (machine, world) => {
      await start({ prompt: 'x'.repeat(1_100), background: true, settings })(machine);
      await machine.untilQuiet(async (now) => {
        const [id] = world.runs.runs.keys();
        if (now !== step || id === undefined) return;
        // A second try may find it gone already.
        await insist(() => deleteRun(id, 'docs', machine.worker())).catch((error) =>
          expect(error).toMatchObject({ code: 'gone' }),
        );
      });
    },
    expected: (world) => {
      expect(statuses(world)).toEqual(['deleted']);
      expect(Object.values(world.vectorIds()).flat()).toEqual([]);
    },
  });

  test.each([0, 1, 2])('before step %i leaves nothing behind, whatever fails', async (step) => {
    const count = await survive(scenario(step), new Map());
    for (const fault of FAULTS) {
      for (let at = 1; at <= count; at += 1) await survive(scenario(step), new Map([[at, fault]]));
    }
  });
});
