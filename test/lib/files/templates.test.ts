import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeGenerateOne } from '../../factories/generation.ts';
import { readRun } from '../../fixtures/run-view.ts';
import { jsonLines, makeFileWorld } from './file-world.ts';

const KEY = 'prompts/many.jsonl';
/** A text long enough to be stored once for all lines of a file. */
const LONG = 'Sell it in a friendly tone. '.repeat(100);
const template = (prompt: string) => ({ defaults: { prompt: `${LONG}${prompt}`, max_tokens: 50 } });
const named = (...names: unknown[]) => names.map((name) => ({ variables: { name } }));

/** A world whose model answers briefly, so that only what everytoken itself repeats is long. */
const makeBriefWorld = () => makeFileWorld({ generateOne: makeGenerateOne(() => 'Sold.') });

const bytesUnder = (world: ReturnType<typeof makeFileWorld>, prefix: string): number =>
  [...world.content.objects].reduce(
    (sum, [key, { length }]) => sum + (key.startsWith(prefix) ? length : 0),
    0,
  );

describe('a file whose lines share a long template', () => {
  test('has it stored once: neither its blocks, its runs nor its results repeat it', async () => {
    const world = makeBriefWorld();
    const text = 'x'.repeat(100_000);
    const lines = Array.from({ length: 60 }, (_, at) => ({ variables: { name: `lamp ${at}` } }));
    await world.take(KEY, jsonLines({ defaults: { prompt: `${text} {{name}}` } }, ...lines));
    await world.work();
    expect(world.file()).toMatchObject({ status: 'completed', lines: 60, blocks: 1 });
    // The template itself, and the defaults among what was read of the file's beginning.
    expect(bytesUnder(world, 'files/')).toBeLessThan(2.2 * text.length);
    expect(bytesUnder(world, 'requests/')).toBe(0);
    expect(bytesUnder(world, 'results/')).toBeLessThan(3 * text.length);
    const items = [...world.runs.runs.values()].map((run) => JSON.stringify(run).length);
    expect(Math.max(...items)).toBeLessThan(2_000);
  });

  test('has each line filled in, for the model and when its run is read', async () => {
    const world = makeFileWorld();
    await world.take(KEY, jsonLines(template('Describe {{name}}.'), ...named('a lamp', 'a chair')));
    await world.work();
    expect(world.prompted()).toEqual([`${LONG}Describe a lamp.`, `${LONG}Describe a chair.`]);
    const [row] = await world.rows();
    expect(row.run.prompt).toBe(`${LONG}Describe a lamp.`);
    expect(await readRun(row.run_id, 'files', world.deps)).toMatchObject({
      prompt: `${LONG}Describe a lamp.`,
      messages: null,
    });
  });

  test('has the runs of the same requests written out: an overwritten key reuses them', async () => {
    const world = makeFileWorld();
    const prompt = 'Describe {{name}}.';
    await world.take(
      KEY,
      jsonLines(template(prompt), ...named('a lamp', 'a chair', 'a lamp'), { prompt: 'own' }),
    );
    await world.work();
    const before = [...world.runs.runs.values()].map(({ id, requestHash }) => [id, requestHash]);
    const whole = ['a lamp', 'a chair', 'a lamp'].map((name) => ({
      prompt: `${LONG}Describe ${name}.`,
      max_tokens: 50,
    }));
    await world.take(KEY, jsonLines(...whole, { prompt: 'own', max_tokens: 50 }));
    await world.work();
    expect([...world.runs.runs.values()].map(({ id, requestHash }) => [id, requestHash])).toEqual(before);
    expect(before).toHaveLength(4);
  });

  test('has runs of their own for lines that are equal once they are filled in', async () => {
    const world = makeFileWorld();
    const equal = `${LONG}x and y and z`;
    await world.take(
      KEY,
      jsonLines(
        template('{{a}} and {{b}}'),
        { variables: { a: 'x and y', b: 'z' } },
        { variables: { a: 'x', b: 'y and z' } },
        { prompt: equal },
      ),
    );
    await world.work();
    expect(world.prompted()).toEqual([equal, equal, equal]);
    expect(new Set((await world.rows()).map(({ run_id }) => run_id)).size).toBe(3);
  });

  test('has a line refused by its number that is too long once it is filled in', async () => {
    const world = makeBriefWorld();
    const lines = named('a lamp', 'x'.repeat(522_000), 'ü'.repeat(261_000), 'a chair');
    await world.take(KEY, jsonLines(template('{{name}}'), ...lines));
    await world.work();
    expect((await world.rows()).map(({ line, error }) => [line, error?.code])).toEqual([
      [2, undefined],
      [3, 'prompt_too_large'],
      [4, 'prompt_too_large'],
      [5, undefined],
    ]);
  });

  test('of a table has a refused row skipped and every other one sent', async () => {
    const world = makeFileWorld();
    const defaults = JSON.stringify({ prompt: `${LONG}{{name}}` });
    await world.content.put('prompts/goods.csv.defaults.json', defaults, 'application/json');
    await world.take('prompts/goods.csv', 'name,temperature\nlamp,1\nchair,9\ntable,1\n');
    await world.work();
    expect(world.prompted()).toEqual([`${LONG}lamp`, `${LONG}table`]);
    expect(world.file()).toMatchObject({
      status: 'completed_with_errors',
      counts: { completed: 2, failed: 0 },
    });
    expect((await world.rows()).map(({ error }) => error?.code)).toEqual([
      undefined,
      'invalid_input',
      undefined,
    ]);
  });

  test('has a prompt of over 16 KiB left out of its results, and shown with its run', async () => {
    const world = makeBriefWorld();
    const prompt = 'x'.repeat(16 * 1024 - 2);
    await world.take(KEY, jsonLines({ defaults: { prompt: `${prompt}{{name}}` } }, ...named('12', '123')));
    await world.work();
    const [short, long] = await world.rows();
    expect(short.run.prompt).toBe(`${prompt}12`);
    expect(long.run).toMatchObject({ prompt: null, messages: null, status: 'generated' });
    expect((await readRun(long.run_id, 'files', world.deps)).prompt).toBe(`${prompt}123`);
  });

  test('sends a batch the whole text of each line', async () => {
    const world = makeFileWorld();
    const { defaults } = template('Describe {{name}}.');
    await world.take(
      KEY,
      jsonLines({ defaults: { ...defaults, mode: 'batch' } }, ...named('a lamp', 'a chair')),
    );
    await world.work();
    const [batch] = world.batchServer.batches.values();
    expect(batch?.requests.map(({ body }) => body.messages[0]?.content)).toEqual([
      `${LONG}Describe a lamp.`,
      `${LONG}Describe a chair.`,
    ]);
  });

  test('has blocks of 4 MB at most in batch mode, since these are sent whole', async () => {
    const world = makeBriefWorld();
    const defaults = { prompt: `${'x'.repeat(500_000)}{{name}}`, mode: 'batch' };
    await world.take(KEY, jsonLines({ defaults }, ...named(...Array(20).keys())));
    expect(world.file()).toMatchObject({ lines: 20, blocks: 3 });
  });

  test('makes the runs that the same lines make without a template, whatever the values', async () => {
    const name = fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.integer(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 5 }), async (names) => {
        const filled = makeBriefWorld();
        await filled.take(KEY, jsonLines(template('Say {{name}}!'), ...named(...names)));
        await filled.work();
        const whole = makeBriefWorld();
        const lines = names.map((value) => ({ prompt: `${LONG}Say ${value}!`, max_tokens: 50 }));
        await whole.take(KEY, jsonLines(...lines));
        await whole.work();
        expect([...filled.runs.runs.keys()].sort()).toEqual([...whole.runs.runs.keys()].sort());
      }),
      { numRuns: 15 },
    );
  });
});

test('a file with short defaults has its lines stored whole', async () => {
  const world = makeFileWorld();
  await world.take(KEY, jsonLines({ defaults: { prompt: 'Describe {{name}}.' } }, ...named('a lamp')));
  await world.work();
  expect([...world.content.objects.keys()].filter((key) => key.endsWith('/template.json'))).toEqual([]);
  expect([...world.runs.runs.values()].map(({ template }) => template)).toEqual([null]);
});
