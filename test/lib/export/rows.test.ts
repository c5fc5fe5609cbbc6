import { describe, expect, test } from 'vitest';
import { COLUMNS } from '../../../lib/export/columns.ts';
import { parseExportQuery } from '../../../lib/export/query.ts';
import { exportRows } from '../../../lib/export/rows.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { outputKey } from '../../../lib/runs/keys.ts';
import { makeGenerateOne, serverError } from '../../factories/generation.ts';
import { settled } from '../../memory/clock.ts';
import { makeWorld } from '../../memory/world.ts';
import { CALLER, exportedRows, generate, makeExportedWorld, piecesOf } from './exported-world.ts';

describe('an export', () => {
  test('has a row for every generation of every run, newest run first', async () => {
    const world = await makeExportedWorld(7);
    const rows = await exportedRows(world);
    const expected = [...world.runs.runs.values()]
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
      .flatMap(({ id, generations }) => generations.map((_, index) => `${id} ${index}`));
    expect(rows.map(({ run_id, index }) => `${run_id} ${index}`)).toEqual(expected);
  });

  test('has the columns in their order, and the figures of the stored output', async () => {
    const world = makeWorld();
    const id = await generate(world, {
      model: 'gpt-6-luna',
      temperature: 0.5,
      reasoning_effort: 'none',
      max_tokens: 60,
      metadata: { team: 'docs' },
    });
    const [row] = await exportedRows(world);
    expect(Object.keys(row ?? {})).toEqual(COLUMNS.map(({ name }) => name));
    expect(row).toMatchObject({
      run_id: id,
      index: 0,
      label: 'default',
      sample: 0,
      run_status: 'generated',
      status: 'completed',
      created_at: '2026-11-22T13:00:00.000Z',
      requested_model: 'gpt-6-luna',
      model: 'gpt-6-luna-2026-10-01',
      provider: null,
      prompt_tokens: 9,
      ttft_ms: 142.25,
      tpot_ms: 11.1,
      connect_ms: 1.5,
      chunk_gaps_p50_ms: 11.1,
      chunk_gaps_max_ms: 12.1,
      itl_n: null,
      token_count_source: 'usage',
      cold_start: false,
      uncertainty_ms: 0.75,
      attempts: 0,
      checks_passed: null,
      price_source: 'genai-prices',
      price_as_of: '2026-11-01',
      error_code: null,
      metadata: { team: 'docs' },
      prompt: 'Explain queues.',
      messages: null,
      text: 'Answer 0 to: Explain queues.',
      tool_calls: null,
    });
  });

  test('has the calls of tools of an output where texts are asked for', async () => {
    const call = { id: 'a', type: 'function' as const, function: { name: 'look_up', arguments: '{}' } };
    const plain = makeGenerateOne(() => '');
    const world = makeWorld({
      generateOne: async (task) => {
        const { generation, trace } = await plain(task);
        return { generation: { ...generation, tool_calls: [call] }, trace };
      },
    });
    await generate(world, {});
    const [withTexts] = await exportedRows(world, 'texts=true');
    const [preview] = await exportedRows(world);
    expect([withTexts?.tool_calls, preview?.tool_calls]).toEqual([[call], null]);
  });

  test('has a row for a failed generation, with its error', async () => {
    const generateOne = makeGenerateOne(({ index }) => (index === 1 ? null : `text ${index}`));
    const world = makeWorld({ generateOne });
    await generate(world, { samples: 2 });
    const rows = await exportedRows(world);
    expect(rows.map(({ status, error_code, text }) => [status, error_code, text])).toEqual([
      ['completed', null, 'text 0'],
      ['failed', 'server_error', null],
    ]);
  });

  test('has one row for a run without generations, whose figures are null', async () => {
    const world = makeWorld();
    const id = await generate(world, { background: true, metadata: { team: 'docs' } });
    const [row, ...others] = await exportedRows(world);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      run_id: id,
      run_status: 'queued',
      metadata: { team: 'docs' },
      prompt: 'Explain queues.',
      index: null,
      status: null,
      ttft_ms: null,
      text: null,
    });
  });

  test('takes the filters of a list, and metadata columns on request', async () => {
    const world = await makeExportedWorld(6);
    const rows = await exportedRows(world, 'metadata.team=search&metadata_columns=team,project');
    expect(rows.map((row) => row['metadata.team'])).toEqual([
      'search',
      'search',
      'search',
      'search',
      'search',
      'search',
      'search',
      'search',
    ]);
    expect(rows.map((row) => row['metadata.project'])).toEqual(rows.map(() => null));
  });

  test('has previews of prompts and texts, and whole ones with texts=true', async () => {
    const long = 'word '.repeat(200).trim();
    const world = makeWorld({ generateOne: makeGenerateOne(() => long) });
    await generate(world, { prompt: long });
    await generate(world, { prompt: undefined, messages: [{ role: 'user', content: long }] });
    const previews = await exportedRows(world);
    for (const { prompt, messages, text } of previews) {
      expect([...String(prompt)]).toHaveLength(120);
      expect([...String(text)]).toHaveLength(120);
      expect(messages).toBeNull();
    }
    const [withMessages, withPrompt] = await exportedRows(world, 'texts=true');
    expect(withPrompt).toMatchObject({ prompt: long, messages: null, text: long });
    expect(withMessages).toMatchObject({
      prompt: null,
      messages: [{ role: 'user', content: long }],
      text: long,
    });
  });

  test('has the diversity of the texts of its label', async () => {
    const world = makeWorld();
    await generate(world, { samples: 2, settings: [{ label: 'a' }, { label: 'b' }] });
    const rows = await exportedRows(world);
    expect(rows.map(({ diversity_n, duplicate_rate }) => [diversity_n, duplicate_rate])).toEqual(
      rows.map(() => [2, 0]),
    );
  });

  test('leaves out deleted runs, also one that is deleted while it is read', async () => {
    const world = await makeExportedWorld(3);
    const [oldest = '', middle = ''] = [...world.runs.runs.keys()];
    await deleteRun(oldest, CALLER, world.deps);
    const content = {
      get: async (key: string) => {
        if (key.includes(middle) && world.content.objects.has(key))
          await deleteRun(middle, CALLER, world.deps);
        return world.content.get(key);
      },
    };
    const rows = await exportedRows(world, '', { content });
    expect(new Set(rows.map(({ run_id }) => run_id)).size).toBe(1);
    expect(rows.map(({ run_id }) => run_id)).not.toContain(middle);
    expect(rows.map(({ run_id }) => run_id)).not.toContain(oldest);
  });

  test('has a row a setting of each deleted run where these are asked for, with what it used and nothing it wrote', async () => {
    const world = makeWorld({ usageKeys: ['team'] });
    const settings = [{ label: 'a' }, { label: 'b', model: 'other' }];
    const metadata = { team: 'docs', secret: 'words' };
    const id = await generate(world, { samples: 2, settings, metadata });
    const before = await exportedRows(world);
    await deleteRun(id, CALLER, world.deps);
    const rows = await exportedRows(world, 'status=deleted&texts=true');
    expect(rows).toMatchObject([
      { label: 'a', requested_model: 'gpt-6-luna', generations: 2, index: null, metadata: { team: 'docs' } },
      { label: 'b', requested_model: 'other', generations: 2, text: null, prompt: null },
    ]);
    const sum = (some: typeof rows, name: 'cost_usd' | 'completion_tokens') =>
      some.reduce((total, row) => total + Number(row[name]), 0);
    expect(sum(rows, 'completion_tokens')).toBe(sum(before, 'completion_tokens'));
    expect(sum(rows, 'cost_usd')).toBeCloseTo(sum(before, 'cost_usd'), 12);
    expect(JSON.stringify(rows)).not.toContain('words');
    const { run } = await makeStartRun(world.deps)({ prompt: 'later', background: true }, { caller: CALLER });
    await deleteRun(run.id, CALLER, world.deps);
    const all = await exportedRows(world, 'status=deleted');
    expect(all.map(({ run_id, generations }) => [run_id, generations])).toContainEqual([run.id, 0]);
    const rest = await exportedRows(world, `status=deleted&cursor=${rows[0]?.cursor}`);
    expect(rest.map(({ label }) => label)).toEqual(['b']);
  });

  test("has the figures of the run's record where an output is gone, and says so", async () => {
    const world = makeWorld();
    const id = await generate(world, { temperature: 0.3 });
    const [figures] = world.runs.runs.get(id)?.generations ?? [];
    const [before] = await exportedRows(world);
    world.content.objects.delete(outputKey(id, 0, figures?.lease ?? ''));
    const [row] = await exportedRows(world);
    expect(row).toMatchObject({
      status: 'completed',
      error_code: 'output_gone',
      temperature: 0.3,
      text: null,
      cached_tokens: null,
    });
    for (const name of [
      'ttft_ms',
      'tpot_ms',
      'e2e_ms',
      'cost_usd',
      'completion_tokens',
      'output_sha256',
      'model',
    ])
      expect([name, row?.[name]]).toEqual([name, before?.[name]]);
  });

  test("has nothing of another caller's, whichever cursor it begins with", async () => {
    const world = makeWorld();
    await generate(world, { samples: 3 });
    await generate(world, { samples: 3, prompt: 'a secret' }, 'other');
    await generate(world);
    expect(JSON.stringify(await exportedRows(world))).not.toContain('secret');
    const [secret] = [...world.runs.runs.values()].filter(({ caller }) => caller === 'other');
    for (const place of [`${secret?.createdAt}#${secret?.id}`, `${secret?.createdAt}#${secret?.id}#0`]) {
      const cursor = Buffer.from(place).toString('base64url');
      expect(JSON.stringify(await exportedRows(world, `cursor=${cursor}`))).not.toContain('secret');
    }
  });
});

describe('the cursor of a row', () => {
  test('goes on with the next row, wherever an export was cut', async () => {
    const world = await makeExportedWorld(8);
    const rows = await exportedRows(world);
    for (const [at, { cursor }] of rows.entries())
      expect(await exportedRows(world, `cursor=${cursor}`)).toEqual(rows.slice(at + 1));
  });

  test('goes on by pages of any size to the same rows, none twice', async () => {
    const world = await makeExportedWorld(8);
    const rows = await exportedRows(world);
    for (const limit of [1, 2, 3, 5, 100]) {
      const paged: unknown[] = [];
      for (let cursor = ''; ; ) {
        const page = await exportedRows(world, `limit=${limit}${cursor && `&cursor=${cursor}`}`);
        paged.push(...page);
        cursor = page.at(-1)?.cursor ?? '';
        if (page.length < limit) break;
      }
      expect(paged).toEqual(rows);
    }
  });

  test.each([
    'x',
    Buffer.from('2026-11-22T13:00:00.000Z#run_00000000000000000000000001#x').toString('base64url'),
  ])('is refused when no export returned it: %s', async (cursor) => {
    const world = await makeExportedWorld(1);
    await expect(exportedRows(world, `cursor=${cursor}`)).rejects.toThrow('cursor');
  });
});

describe('the reads of an export', () => {
  test('wait for the reader: at most 16 outputs are held, of 500 runs', async () => {
    const world = await makeExportedWorld(500);
    let read = 0;
    const content = {
      get: async (key: string) => {
        if (key.startsWith('outputs/')) read += 1;
        return world.content.get(key);
      },
    };
    let taken = 0;
    let most = 0;
    const { query } = parseExportQuery([['format', 'jsonl']], CALLER);
    for await (const { row } of exportRows(query, { ...world.deps, content })) {
      if (row) taken += 1;
      // A reader that pauses: whatever was begun is read by now.
      if (taken % 50 === 0) await settled();
      most = Math.max(most, read - taken);
    }
    expect(taken).toBe(read);
    expect(taken).toBeGreaterThan(500);
    // The rows of the run that is taken now were read, too.
    expect(most).toBeLessThanOrEqual(16 + 4);
  }, 60_000);

  test('end when the reader leaves', async () => {
    const world = await makeExportedWorld(100);
    let read = 0;
    const content = {
      get: async (key: string) => {
        read += 1;
        return world.content.get(key);
      },
    };
    const pieces = piecesOf(world, '', { content });
    await pieces.next();
    await pieces.return(undefined);
    const before = read;
    await settled();
    expect(read).toBe(before);
    expect(read).toBeLessThan(100);
  });

  test('are tried again when they fail', async () => {
    const world = await makeExportedWorld(3);
    const whole = await exportedRows(world);
    let failures = 0;
    const content = {
      get: async (key: string) => {
        failures += 1;
        if (failures % 2 === 1) throw serverError();
        return world.content.get(key);
      },
    };
    const waited: number[] = [];
    const sleep = async (ms: number) => void waited.push(ms);
    const rows = await exportedRows(world, 'limit=1', { content, sleep });
    expect(rows).toEqual(whole.slice(0, 1));
    expect(waited.length).toBeGreaterThan(0);
  });
});
