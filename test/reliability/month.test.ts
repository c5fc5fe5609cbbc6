import { parse as parseCsv } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { intakeObject } from '../../lib/files/read/intake.ts';
import { makeAuthenticate } from '../../lib/http/authenticate.ts';
import { usageReportSchema } from '../../lib/http/usage/openapi.ts';
import { parseApiKeys } from '../../lib/keys/api-key.ts';
import { deleteRun } from '../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { makeRouteOf, makeServer } from '../../lib/sampling/server.ts';
import { makeFaults } from '../crash/faults.ts';
import { makeMachine } from '../crash/machine.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeWholeApi, wholeUseCases } from '../fixtures/whole-api.ts';
import { makeWorld } from '../memory/world.ts';

const CALLERS = ['docs', 'shop', 'lab'] as const;
type Caller = (typeof CALLERS)[number];
const DAYS = 30;

/** USD of an output token. Two providers have a model of one name at different prices; the price of a further model is unknown. */
const PRICES = new Map([
  ['east/fast', 3.1e-7],
  ['west/fast', 7.7e-7],
  ['plain', 1.3e-7],
]);

const keyOf = (caller: Caller): string => `the-secret-key-of-${caller}`;

const makeMonth = () => {
  const base = makeGenerateOne(({ index, messages }) => {
    const prompt = messages.at(-1)?.content ?? '';
    return prompt.includes('fail') && index === 0
      ? null
      : `Answer ${'word '.repeat(prompt.length % 7)}${index}`;
  });
  const world = makeWorld({
    usageKeys: ['tenant'],
    defaults: {
      model: 'plain',
      routeOf: makeRouteOf(
        makeServer(''),
        new Map(['east', 'west'].map((name) => [name, makeServer(`https://${name}.example/v1`)])),
      ),
    },
    generateOne: async (task) => {
      const output = await base(task);
      const tokens = output.generation.usage.completion_tokens;
      const price = PRICES.get(task.setting.model);
      const cost = tokens === null || price === undefined ? null : tokens * price;
      return { ...output, generation: { ...output.generation, cost_usd: cost } };
    },
  });
  const machine = makeMachine(world, makeFaults(new Map()));
  const app = makeWholeApi({
    ...wholeUseCases(world.deps),
    authenticate: makeAuthenticate({
      keys: parseApiKeys(CALLERS.map((caller) => `${caller}:${keyOf(caller)}`).join(',')),
      clock: world.clock,
    }),
    clock: world.clock,
    log: world.log,
  });
  const get = async (caller: Caller, path: string): Promise<Response> => {
    const response = await app.request(path, { headers: { 'x-api-key': keyOf(caller) } });
    if (response.status !== 200) throw new Error(`${path} was answered ${await response.text()}`);
    return response;
  };
  return { world, machine, get };
};

/** The facts of one stored output, noted while it is there. */
type Noted = { caller: Caller; day: string; tenant: string; model: string; cost: number | null };

/** Simulates the month. Returns what the stored outputs said of themselves before any of them was deleted. */
const simulate = async ({ world, machine }: ReturnType<typeof makeMonth>): Promise<Map<string, Noted>> => {
  const start = makeStartRun(world.deps);
  const noted = new Map<string, Noted>();
  const note = async (): Promise<void> => {
    for (const run of world.runs.runs.values()) {
      for (const [index, { lease }] of run.generations.entries()) {
        const stored = world.content.objects.get(`outputs/${run.id}/${index}.${lease}.json`);
        if (!stored) continue;
        const { generation } = JSON.parse(stored.toString());
        noted.set(`${run.id} ${index}`, {
          caller: run.caller as Caller,
          day: run.createdAt.slice(0, 10),
          tenant: run.metadata.tenant ?? '',
          model: run.models[Math.floor(index / run.samples)] ?? '',
          cost: generation.cost_usd,
        });
      }
    }
  };
  for (let day = 0; day < DAYS; day += 1) {
    for (const [at, caller] of CALLERS.entries()) {
      const tenant = ['red', 'blue'][(day + at) % 2] ?? '';
      const body = {
        prompt: `Explain ${'queues '.repeat(1 + ((day * 7 + at) % 5))}${(day + at) % 6 === 0 ? 'and fail' : ''}`,
        metadata: { tenant },
        samples: 2,
        settings: [
          { label: 'east', model: 'east/fast' },
          { label: 'west', model: 'west/fast' },
          ...(day % 3 === 0 ? [{ label: 'unpriced', model: 'unpriced' }] : []),
        ],
      };
      const started = await start(body, { caller });
      if (started.kind === 'started') await started.done;
      await start({ prompt: `Explain ${tenant}.`, metadata: { tenant }, background: true }, { caller });
    }
    if (day === 9) {
      const lines = Array.from({ length: 20 }, (_, line) =>
        JSON.stringify({ prompt: `Line ${line}`, model: 'west/fast', metadata: { tenant: 'red' } }),
      );
      await intakeObject(
        world.drop('prompts/@shop/lines.jsonl', `${lines.join('\n')}\nno JSON\n`),
        world.deps,
      );
    }
    await machine.untilQuiet(async () => {}, { isSummed: false });
    await note();
    // Every fifth day somebody deletes runs: of today, and of a day whose sums are written.
    if (day % 5 === 4) {
      const ended = [...world.runs.runs.values()].filter(({ status }) => status === 'completed');
      for (const run of [ended[0], ended.at(-1)]) if (run) await deleteRun(run.id, run.caller, world.deps);
    }
    const midnight = Date.UTC(2026, 10, 23 + day, 0, 30);
    await world.clock.advance(Math.max(0, midnight - world.clock.now()));
    await machine.sweepOnce();
  }
  await machine.untilQuiet();
  return noted;
};

type Row = Record<string, string>;

const SINCE = '2026-11-01';
const UNTIL = '2027-01-31';
const NANO = 1e9;

/** Sums of costs by key, in billionths of a USD, which is more exact than the last micro-dollar. */
const sumBy = <T>(items: Iterable<T>, keyOf: (item: T) => string, costOf: (item: T) => number | null) => {
  const sums: Record<string, number> = {};
  for (const item of items) sums[keyOf(item)] = (sums[keyOf(item)] ?? 0) + (costOf(item) ?? 0);
  return Object.fromEntries(
    Object.entries(sums).map(([key, usd]): [string, number] => [key, Math.round(usd * NANO)]),
  );
};

describe('a month of three callers, with two providers of one model name, a file, failures and deletions', () => {
  let month: ReturnType<typeof makeMonth>;
  let noted: Map<string, Noted>;
  let rows: Map<Caller, Row[]>;

  beforeAll(async () => {
    month = makeMonth();
    noted = await simulate(month);
    rows = new Map();
    for (const caller of CALLERS) {
      const read = async (query: string): Promise<Row[]> => {
        const csv = await month.get(caller, `/runs?format=csv&metadata_columns=tenant${query}`);
        return parseCsv(await csv.text(), { columns: true });
      };
      rows.set(caller, [...(await read('')), ...(await read('&status=deleted'))]);
    }
  });

  const isDeleted = (place: string): boolean =>
    month.world.runs.runs.get(place.split(' ')[0] ?? '')?.status !== 'completed';

  test.each(CALLERS)('has outputs of every kind of %s', (caller) => {
    const own = [...noted].filter(([, output]) => output.caller === caller);
    expect(new Set(own.map(([, { model }]) => model))).toEqual(
      new Set(['east/fast', 'west/fast', 'unpriced', 'plain']),
    );
    expect(new Set(own.map(([, { day }]) => day)).size).toBeGreaterThanOrEqual(DAYS);
    expect(own.some(([place]) => isDeleted(place))).toBe(true);
    expect((rows.get(caller) ?? []).some(({ status }) => status === 'failed')).toBe(true);
  });

  test.each(
    CALLERS.flatMap((caller) =>
      (['day', 'model', 'metadata.tenant'] as const).map((grouping) => [caller, grouping] as const),
    ),
  )(
    'bills %s by %s as its stored outputs say, and as the exports of its runs and deleted runs add up',
    async (caller, grouping) => {
      const answer = await month.get(caller, `/usage?since=${SINCE}&until=${UNTIL}&group_by=${grouping}`);
      const usage = usageReportSchema.parse(await answer.json());
      expect(usage.truncated).toBe(false);
      const billed = sumBy(
        usage.groups,
        ({ key }) => key ?? '',
        ({ cost_usd }) => cost_usd,
      );

      const own = [...noted].filter(([, output]) => output.caller === caller);
      const field = { day: 'day', model: 'model', 'metadata.tenant': 'tenant' } as const;
      const stored = sumBy(
        own,
        ([, output]) => output[field[grouping]],
        ([, { cost }]) => cost,
      );
      expect(billed).toEqual(stored);

      const columns = { day: 'created_at', model: 'requested_model', 'metadata.tenant': 'metadata.tenant' };
      const keyOfRow = (row: Row) =>
        grouping === 'day' ? (row.created_at ?? '').slice(0, 10) : (row[columns[grouping]] ?? '');
      const exported = sumBy(rows.get(caller) ?? [], keyOfRow, ({ cost_usd }) => Number(cost_usd));
      expect(exported).toEqual(stored);
    },
  );
});
