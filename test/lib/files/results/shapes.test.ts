import { describe, expect, test } from 'vitest';
import { sumOf } from '../../../../lib/budget/amount.ts';
import { intakeObject } from '../../../../lib/files/read/intake.ts';
import { parseRunRequest } from '../../../../lib/runs/request.ts';
import { makeGenerateOne } from '../../../factories/generation.ts';
import { jsonLines, makeFileWorld, prompts, SMALL } from '../file-world.ts';

describe("the results of OpenAI's Batch lines", () => {
  const line = (id: string, body: Record<string, unknown>) => ({
    custom_id: id,
    method: 'POST',
    url: '/v1/chat/completions',
    body,
  });
  const ask = (content: string) => ({ model: 'gpt-6-luna', messages: [{ role: 'user', content }] });

  test('are lines of its Batch output, with timings beside the response', async () => {
    const world = makeFileWorld();
    await world.take(
      'prompts/batch.jsonl',
      jsonLines(line('a', ask('one')), line('b', ask('fail')), line('c', { ...ask('x'), stream: true })),
    );
    await world.work();
    const [first, second, third] = await world.rows();
    expect(first).toEqual({
      id: expect.stringMatching(/^batch_req_run_/),
      custom_id: 'a',
      response: {
        status_code: 200,
        request_id: first.everytoken.run_id,
        body: {
          id: `chatcmpl-${first.everytoken.run_id}`,
          object: 'chat.completion',
          created: Date.UTC(2026, 10, 22, 13) / 1000,
          model: expect.any(String),
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: 'About one', refusal: null },
              logprobs: null,
              finish_reason: 'stop',
            },
          ],
          usage: expect.objectContaining({ prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }),
        },
      },
      error: null,
      everytoken: expect.objectContaining({ line: 1, status: 'completed', timing: expect.anything() }),
    });
    expect(second).toMatchObject({ custom_id: 'b', response: null, error: { code: 'server_error' } });
    expect(third).toMatchObject({
      custom_id: 'c',
      response: null,
      error: { code: 'invalid_input' },
      everytoken: { line: 3, run_id: null, status: 'failed' },
    });
  });
});

test('a wrong field of a Batch line is named as in the line, and one of the defaults as there', async () => {
  const world = makeFileWorld();
  const line = (custom_id: string, own: object) => ({
    ...{ custom_id, method: 'POST', url: '/v1/chat/completions' },
    body: { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'one' }], ...own },
  });
  const defaults = { extra_body: { foo: 1 } };
  await world.take('prompts/batch.jsonl', jsonLines({ defaults }, line('a', {}), line('b', { bar: 2 })));
  await world.work();
  const named = (await world.rows()).map(({ everytoken }) => everytoken.errors[0].path);
  expect(named).toEqual(['extra_body.foo', 'body.bar']);
});

describe('the results of a table', () => {
  const KEY = 'prompts/Preise.csv';

  test('are a table, too: its own columns, then ours, with its delimiter and byte order mark', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, '\uFEFFid;prompt;note\r\n1;one;"a;b"\r\n-2;"two\nlines";=1+1\r\n3;fail;ü\r\n');
    await world.work();
    const csv = await world.read('.csv');
    const ids = [...world.runs.runs.keys()];
    expect(ids).toHaveLength(3);
    const [head, first, second] = csv.split('\r\n');
    expect(head).toBe(
      '\uFEFFid;prompt;note;text;status;prompt_tokens;completion_tokens;cost_usd;ttft_ms;e2e_ms;run_id;error;finish_reason',
    );
    expect(first).toMatch(/^1;one;"a;b";About one;completed;9;2;[\d,]+;[\d,]+;[\d,]+;run_\w+;;stop$/);
    expect(second).toMatch(/^-2;"two\nlines";'=1\+1;"About two\nlines";completed;/);
    expect(csv).toMatch(/\r\n3;fail;ü;;failed;;;;;;run_\w+;server_error: [^;]+;\r\n$/);
    expect(await world.content.get(`results/${KEY}.csv`)).toBe(csv);
    const rows = await world.rows();
    expect(rows[1]).toMatchObject({ line: 3, columns: { id: '-2', prompt: 'two\nlines', note: '=1+1' } });
  });

  test('keep a column with the name of one of ours, and rename ours', async () => {
    const world = makeFileWorld();
    await world.take(KEY, 'prompt,text,result_text\none,mine,mine too\n');
    await world.work();
    const [head, row] = (await world.read('.csv')).split('\r\n');
    expect(head).toMatch(/^prompt,text,result_text,result_result_text,status,/);
    expect(row).toMatch(/^one,mine,mine too,About one,completed,/);
  });

  test('of a file that cannot be read report it in a table', async () => {
    const world = makeFileWorld();
    await world.take(KEY, 'prompt,prompt\nx,y\n');
    expect(await world.read('.csv')).toMatch(/^error\r\nbad_header: .+\r\n$/);
  });
});

test('answers that max_tokens cut are told by a row and counted in the summary', async () => {
  const whole = makeGenerateOne(({ messages }) => messages[0]?.content ?? '');
  const generateOne: typeof whole = Object.assign(
    async (task: Parameters<typeof whole>[0]) => {
      const made = await whole(task);
      const isCut = task.messages[0]?.content === 'long' && task.sample === 0;
      return isCut ? { ...made, generation: { ...made.generation, finish_reason: 'length' } } : made;
    },
    { calls: whole.calls },
  );
  const world = makeFileWorld({ generateOne });
  await world.take('prompts/a.csv', 'prompt,samples\nlong,2\nlong,1\nshort,2\n');
  await world.work();
  const [, ...rows] = (await world.read('.csv')).trimEnd().split('\r\n');
  expect(rows.map((row) => row.split(',').at(-1))).toEqual(['length stop', 'length', 'stop']);
  expect(await world.summary()).toMatchObject({ cut_at_max_tokens: 2 });
});

test('a .md file with front matter has its text as a result', async () => {
  const world = makeFileWorld();
  await world.take('prompts/a.md', '---\nsamples: 2\n---\n\nExplain this.\n');
  await world.work();
  expect(await world.read('.txt')).toBe('About Explain this.\n\nAbout Explain this.\n');
});

describe('a sidecar', () => {
  const KEY = 'prompts/names.jsonl';

  test('gives defaults and a template to its file, and is part of the identity of the file', async () => {
    const world = makeFileWorld();
    const body = jsonLines({ variables: { name: 'ash' } }, { variables: {} });
    world.drop(`${KEY}.defaults.json`, JSON.stringify({ prompt: 'Describe {{name}}' }));
    await world.take(KEY, body);
    await world.work();
    expect(world.prompted()).toEqual(['Describe ash']);
    expect((await world.rows()).map(({ error }) => error?.code ?? null)).toEqual([null, 'missing_variable']);
    world.drop(`${KEY}.defaults.json`, JSON.stringify({ prompt: 'Draw {{name}}' }));
    await world.take(KEY, body);
    await world.work();
    expect(world.prompted()).toEqual(['Describe ash', 'Draw ash']);
    expect(world.files.files.size).toBe(2);
  });

  test('that cannot be read fails its file', async () => {
    const world = makeFileWorld();
    world.drop(`${KEY}.defaults.json`, 'no json');
    await world.take(KEY, prompts('one'));
    expect(world.file()).toMatchObject({ status: 'failed', error: { code: 'bad_defaults' } });
  });
});

describe('a dry run', () => {
  test('generates nothing, and reports for each line the upper bound of its cost', async () => {
    const world = makeFileWorld({ limits: SMALL });
    const lines = [{ prompt: 'one', max_tokens: 10 }, { prompt: 'x', top_p: 7 }, { prompt: 'one' }];
    await world.take('prompts/dry.jsonl', jsonLines({ defaults: { dry_run: true } }, ...lines, ...lines));
    await world.work();
    expect(world.prompted()).toEqual([]);
    expect(world.runs.runs.size).toBe(0);
    const rows = await world.rows();
    const estimateOf = (max_tokens?: number) => {
      const request = parseRunRequest({ prompt: 'one', max_tokens }, world.deps.defaults);
      return sumOf(world.deps.budget.boundsOf(request)).tokens;
    };
    expect(rows.slice(0, 3)).toMatchObject([
      { line: 2, run_id: null, status: 'valid', estimate: { tokens: estimateOf(10) } },
      { line: 3, status: 'failed', error: { code: 'invalid_input' } },
      { line: 4, status: 'valid', estimate: { tokens: estimateOf() } },
    ]);
    expect(rows[0].estimate.cost_usd).toBeGreaterThan(0);
    expect(await world.summary()).toMatchObject({
      status: 'completed_with_errors',
      counts: { lines: 6, accepted: 4, refused: 2, valid: 4, generations: 0 },
      estimate: { tokens: 2 * (estimateOf(10) + estimateOf()), cost_usd: expect.closeTo(2 * sum(rows), 9) },
    });
  });

  const sum = (rows: { estimate?: { cost_usd: number } }[]) =>
    rows.slice(0, 3).reduce((total, { estimate }) => total + (estimate?.cost_usd ?? 0), 0);
});

test('a file with rerun generates again the lines that an earlier file has', async () => {
  const world = makeFileWorld();
  await world.take('prompts/a.jsonl', prompts('one'));
  await world.work();
  await world.take('prompts/a.jsonl', jsonLines({ defaults: { rerun: true } }) + prompts('one'));
  await world.work();
  expect(world.prompted()).toEqual(['one', 'one']);
});

test('the same bytes dropped again are generated again with rerun, but not by a duplicate event', async () => {
  const world = makeFileWorld();
  const body = jsonLines({ defaults: { rerun: true } }) + prompts('one');
  const object = world.drop('prompts/a.jsonl', body);
  await intakeObject(object, world.deps);
  await world.work();
  await intakeObject(object, world.deps);
  await world.work();
  expect(world.prompted()).toEqual(['one']);
  const again = world.drop('prompts/a.jsonl', body);
  for (const _ of [1, 2]) {
    await intakeObject(again, world.deps);
    await world.work();
  }
  expect(world.prompted()).toEqual(['one', 'one']);
  expect(world.files.files.size).toBe(2);
  const newest = await world.files.newest('prompts/a.jsonl');
  expect(await world.content.get('results/prompts/a.jsonl.jsonl')).toBe(
    await world.content.get(`results/prompts/a.jsonl.${newest}.jsonl`),
  );
});

describe('a line whose run failed', () => {
  const flaky = () => {
    let fails = true;
    const generateOne = makeGenerateOne(({ messages }) =>
      messages[0]?.content === 'two' && fails ? null : `About ${messages[0]?.content}`,
    );
    const world = makeFileWorld({ generateOne });
    return { world, mend: () => (fails = false), asked: () => generateOne.calls.map(({ prompt }) => prompt) };
  };
  const statuses = async (world: ReturnType<typeof makeFileWorld>) =>
    (await world.content.get('results/prompts/a.jsonl.jsonl'))
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row).status);

  test('is retried when the same file is dropped again, and no other line is', async () => {
    const { world, mend, asked } = flaky();
    await world.take('prompts/a.jsonl', prompts('one', 'two'));
    await world.work();
    mend();
    await world.take('prompts/a.jsonl', prompts('one', 'two'));
    await world.work();
    expect(asked()).toEqual(['one', 'two', 'two']);
    expect(await statuses(world)).toEqual(['completed', 'completed']);
  });

  test('is retried in a corrected file, and its success is reused by the next', async () => {
    const { world, mend, asked } = flaky();
    await world.take('prompts/a.jsonl', prompts('two'));
    await world.work();
    await world.take('prompts/a.jsonl', prompts('two', 'three'));
    await world.work();
    mend();
    await world.take('prompts/a.jsonl', prompts('two', 'three', 'four'));
    await world.work();
    await world.take('prompts/a.jsonl', prompts('two', 'three', 'four', 'five'));
    await world.work();
    expect(asked()).toEqual(['two', 'two', 'three', 'two', 'four', 'five']);
    expect(await statuses(world)).toEqual(Array(4).fill('completed'));
    expect(await world.content.get('results/prompts/a.jsonl.summary.json')).toMatch(/"reused": 3/);
  });
});

test('a file without failed lines that is dropped again is not generated again', async () => {
  const world = makeFileWorld();
  await world.take('prompts/a.jsonl', prompts('one', 'two'));
  await world.work();
  await world.take('prompts/a.jsonl', prompts('one', 'two'));
  await world.work();
  expect(world.prompted()).toEqual(['one', 'two']);
  expect(world.files.files.size).toBe(1);
});
