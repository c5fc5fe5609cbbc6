import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { embedRuns } from '../../lib/embed/embed-runs.ts';
import { deleteRun } from '../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { METRICS } from '../../lib/observe/metrics.ts';
import { sweep } from '../../lib/operate/sweep.ts';
import { makeGenerateOne, serverError } from '../factories/generation.ts';
import { makeWorld, type World } from '../memory/world.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/observability.md'), 'utf8');
const sources = globSync(['lib/**/*.ts', 'functions/**/*.ts'], { cwd: root }).map((file) =>
  readFileSync(join(root, file), 'utf8'),
);

/** Cells of the rows of the table under a heading. */
const tableUnder = (heading: string): string[][] =>
  (page.split(`## ${heading}\n`)[1] ?? '')
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ) ?? [];
const bare = (cell = '') => cell.replaceAll('`', '');
const quoted = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

const events = new Map(
  tableUnder('Events in the log').map(([event, level, , fields]) => [bare(event), { level, fields }]),
);

/** Composed event names in the code, and the names they become. */
const ENDINGS: Record<string, string[]> = {
  'run.${run.status}': ['run.generated', 'run.completed', 'run.failed'],
  'file.${status}': ['file.completed', 'file.completed_with_errors', 'file.failed'],
};

describe('docs/observability.md', () => {
  test('lists exactly the events that the code logs, with their levels', () => {
    const logged = sources.flatMap((source) =>
      [...source.matchAll(/\blog\.(info|warn|error)\(\s*[`']([^`']+)[`']/g)].flatMap(
        ([, level, event = '']) => (ENDINGS[event] ?? [event]).map((name) => `${name} ${level}`),
      ),
    );
    const listed = [...events].map(([event, { level }]) => `${event} ${level}`);
    expect(listed.toSorted()).toEqual([...new Set([...logged, 'metrics.continued info'])].toSorted());
  });

  test('lists exactly the metrics, with their units and dimensions', () => {
    const units = { s: 'Seconds', '{token}': 'Count', '{run}': 'Count', USD: 'None' };
    const listed = tableUnder('Metrics').map(([name, unit, , by]) => [
      bare(name),
      unit,
      quoted(by).toSorted(),
    ]);
    expect(listed).toEqual(
      Object.entries(METRICS).map(([name, metric]) => [
        name,
        units[metric.unit],
        [...new Set(metric.by.flat())].toSorted(),
      ]),
    );
  });

  test('states how many metrics one chat model and one embedding model make', () => {
    const setsOf = () =>
      Object.entries(METRICS).flatMap(([name, { by }]) => {
        return by.map((set: readonly string[]) => ({
          name,
          isByModel: set.includes('gen_ai.request.model'),
        }));
      });
    const count = (isByModel: boolean) => {
      const chat = setsOf().filter((set) => set.isByModel === isByModel);
      const embeddings = setsOf().filter(
        ({ name, isByModel: own }) =>
          own === isByModel && ['gen_ai.client.operation.duration', 'everytoken.input_tokens'].includes(name),
      );
      return chat.length + embeddings.length;
    };
    expect(page).toContain(
      `there are ${count(false) + count(true)}: ${count(false)} totals and ${count(true)} by model`,
    );
  });
});

const IDS = ['run_id', 'run_ids', 'trace_id', 'trace_ids', 'xray_trace_id', 'file_id', 'file_ids'];
const ENVELOPE = ['level', 'event'];

/** A run that goes well, one that fails, and one whose event, upsert and purge fail at first. */
const live = async (world: World): Promise<void> => {
  const { deps } = world;
  const ask = async (body: object) => {
    const started = await makeStartRun(deps)({ prompt: 'why', ...body }, { caller: 'docs' });
    if (started.kind === 'started') await started.done;
    return started.run.id;
  };
  await ask({ index: false });
  await ask({ model: 'fails' });
  world.bus.down = true;
  const id = await ask({});
  world.bus.down = false;
  await world.clock.advance(60 * 60_000);
  await sweep(deps);
  const { upsert } = deps.vectors;
  await embedRuns(world.generatedEvents(), {
    ...deps,
    vectors: { ...deps.vectors, upsert: async () => Promise.reject(serverError()) },
  });
  await embedRuns(world.generatedEvents(), { ...deps, vectors: { ...deps.vectors, upsert } });
  const content = { ...deps.content, list: async () => Promise.reject(serverError()) };
  await deleteRun(id, 'docs', { ...deps, content });
};

test('log lines hold no field that docs/observability.md does not list', async () => {
  const world = makeWorld({
    generateOne: makeGenerateOne(({ setting }) => (setting.model === 'fails' ? null : 'text')),
  });
  await live(world);
  const seen = new Set(world.log.entries.map(({ event }) => event));
  expect([...seen].toSorted()).toEqual(
    [
      'embeddings.created',
      'event.delayed',
      'purge.delayed',
      'run.accepted',
      'run.completed',
      'run.deleted',
      'run.failed',
      'run.generated',
      'run.moved',
      'sweep.completed',
      'upsert.failed',
      'runs.completed',
    ].toSorted(),
  );
  for (const { event, ...fields } of world.log.entries) {
    const listed = quoted(events.get(event)?.fields);
    const all = listed.includes('run.generated')
      ? [...listed, ...quoted(events.get('run.generated')?.fields)]
      : listed;
    const unlisted = Object.keys(fields).filter((name) => ![...IDS, ...ENVELOPE, ...all].includes(name));
    expect([event, unlisted]).toEqual([event, []]);
  }
});
