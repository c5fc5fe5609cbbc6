import { beforeEach, describe, expect, test } from 'vitest';
import { UpstreamError } from '../../../lib/errors.ts';
import type { CountTokens } from '../../../lib/generate/count-tokens.ts';
import type { GenerateOne } from '../../../lib/generate/generate-one.ts';
import { sha256Hex } from '../../../lib/json/canonical-json.ts';
import { acceptRun } from '../../../lib/lifecycle/accept.ts';
import { claimRun } from '../../../lib/lifecycle/claim.ts';
import { type GenerateRunDeps, generateRun } from '../../../lib/lifecycle/generate-run.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { outputKey } from '../../../lib/runs/keys.ts';
import { decodeGeneration, decodeTrace } from '../../../lib/runs/output-object.ts';
import { loadRunView } from '../../../lib/runs/read-run.ts';
import { parseRunRequest, type RunRequest } from '../../../lib/runs/request.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { makeGenerateOne, serverError } from '../../factories/generation.ts';
import { settled } from '../../memory/clock.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
let run: Run;
let request: RunRequest;

const accept = async (own: Record<string, unknown> = {}) => {
  const body = {
    prompt: 'Explain neural nets.',
    settings: [{ label: 'a' }, { label: 'b' }],
    samples: 2,
    ...own,
  };
  request = parseRunRequest(body, { model: 'gpt-6-luna' });
  run = (await acceptRun({ body, request, caller: 'docs', direct: true }, world)).run;
};
beforeEach(async () => {
  world = makeWorld();
  await accept();
});

const generate = (own: Partial<GenerateRunDeps> = {}, options?: Parameters<typeof generateRun>[3]) =>
  generateRun(run, request, { ...world.deps, ...own }, options);
const now = () => world.runs.get(run.id);
const token = () => run.lease?.token ?? '';

describe('a run that goes well', () => {
  test('keeps 200 characters of a long name that a server gave its model: the run item has a limit', async () => {
    const plain = makeGenerateOne();
    const model = 'm'.repeat(20_000);
    const generateOne: GenerateOne = async (task) => {
      const { generation, ...output } = await plain(task);
      return { ...output, generation: { ...generation, model } };
    };
    const { run: done } = await generate({ generateOne });
    expect(done.generations.map((figures) => figures.model)).toEqual(Array(4).fill(`${'m'.repeat(200)}…`));
  });

  test('has an output for each setting and sample, saved under the lease and pointed at', async () => {
    const { run: done, generations } = await generate();
    expect(generations.map(({ index, label, sample }) => [index, label, sample])).toEqual([
      [0, 'a', 0],
      [1, 'a', 1],
      [2, 'b', 0],
      [3, 'b', 1],
    ]);
    expect(done).toMatchObject({ status: 'generated', lease: null, pending: ['RunGenerated'], error: null });
    expect(done.generations.map(({ lease }) => lease)).toEqual(Array(4).fill(token()));
    for (const [index, figures] of done.generations.entries()) {
      const output = await world.content.get(outputKey(run.id, index, token()));
      expect(JSON.parse(output).run_id).toBe(run.id);
      expect(decodeGeneration(output, () => ({}))).toEqual(generations[index]);
      expect(
        decodeTrace(output)
          .chunks.map(({ text }) => text)
          .join(''),
      ).toBe(generations[index]?.text);
      expect(figures.sha256).toBe(sha256Hex(generations[index]?.text ?? ''));
      expect(figures).toMatchObject({
        chunks: 1,
        chars: generations[index]?.text?.length,
        ttftMs: 142.25,
        errorCode: null,
      });
    }
    expect(world.bus.idsOf('RunGenerated')).toEqual([`${run.id}.RunGenerated`]);
    expect(await now()).toEqual(done);
  });

  test('is reported to a listener as it goes on', async () => {
    const heard: unknown[] = [];
    await generate(
      {},
      {
        listener: {
          onChunk: (index, { text }) => heard.push([index, text]),
          onRestart: () => {},
          onGeneration: ({ index }) => heard.push(index),
        },
      },
    );
    expect(heard.filter((entry) => typeof entry === 'number')).toEqual([0, 1, 2, 3]);
    expect(heard).toContainEqual([2, 'Answer ']);
  });

  test('without index is completed at once, with RunCompleted alone', async () => {
    await accept({ index: false });
    const { run: done } = await generate();
    expect(done).toMatchObject({ status: 'completed', dueAt: null });
    expect(world.bus.events.map(({ type }) => type)).toEqual(['RunCompleted']);
  });

  test('starts its generations in order, at most eight at once', async () => {
    await accept({ samples: 10 });
    let open = 0;
    let most = 0;
    const gates: (() => void)[] = [];
    const generateOne = makeGenerateOne(async ({ index }) => {
      most = Math.max(most, ++open);
      await new Promise<void>((resolve) => gates.push(resolve));
      open -= 1;
      return `text ${index}`;
    });
    const done = generate({ generateOne });
    await settled();
    expect(generateOne.calls.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    gates[5]?.();
    await settled();
    expect(generateOne.calls.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for (let at = 0; at < 20; at += 1) {
      gates[at]?.();
      await settled();
    }
    const { generations } = await done;
    expect(generations.map(({ index }) => index)).toEqual([...Array(20).keys()]);
    expect(most).toBe(8);
  });

  test('has its lease renewed while it takes long, and released at the end', async () => {
    let open = () => {};
    const slow = makeGenerateOne(async () => {
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      return 'late';
    });
    await accept({ settings: undefined, samples: 1 });
    const done = generate({ generateOne: slow });
    await world.clock.advance(600_000);
    expect((await now())?.lease?.until).toBe(world.clock.now() + 60_000);
    open();
    expect((await done).run).toMatchObject({ status: 'generated', lease: null });
  });
});

describe('failures of the model', () => {
  test('in some generations leave the run generated, each failed output with its code', async () => {
    const { run: done } = await generate({
      generateOne: makeGenerateOne(({ index }) => (index === 1 ? null : 'text')),
    });
    expect(done).toMatchObject({ status: 'generated', error: null });
    expect(done.generations.map(({ status, errorCode, chunks }) => [status, errorCode, chunks])).toEqual([
      ['completed', null, 1],
      ['failed', 'server_error', 0],
      ['completed', null, 1],
      ['completed', null, 1],
    ]);
    expect(world.generatedEvents()[0]?.outputs.map(({ index }) => index)).toEqual([0, 2, 3]);
  });

  test('in all generations make the run failed with the first error, and RunFailed is sent', async () => {
    const { run: done } = await generate({ generateOne: makeGenerateOne(() => null) });
    expect(done).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    expect(done.dueAt).toBeNull();
    expect(world.bus.events.map(({ type }) => type)).toEqual(['RunFailed']);
  });
});

test("the words of a server are in the run's output and its view, not in its item or its event", async () => {
  const said = 'the model server refused the request (400 too_long): PRMPT is too long';
  const error = new UpstreamError('openai', said, { code: 'invalid_request', retryable: false, status: 400 });
  const failing: GenerateOne = async (task) => {
    const made = await makeGenerateOne(() => null)(task);
    const attempts = [{ error: error.code, status: 400, waited_ms: 0, ttft_ms: null, e2e_ms: 5 }];
    return {
      ...made,
      generation: { ...made.generation, attempts, error: { code: error.code, message: said } },
    };
  };
  const { run: done } = await generate({ generateOne: failing });
  const told = { code: 'invalid_request', message: 'the model server refused the request (400)' };
  expect(done.error).toEqual({ ...told, status: 400 });
  expect(world.bus.events.map(({ detail }) => detail.error)).toEqual([told]);
  expect(JSON.stringify([done, world.bus.events])).not.toContain('PRMPT');
  expect((await loadRunView(done, world.deps)).error).toEqual({ code: 'invalid_request', message: said });
});

describe('the commit', () => {
  test('that was applied while its answer was lost is read back', async () => {
    const change: World['runs']['change'] = async (id, change, condition) => {
      const first = await world.runs.change(id, change, condition);
      return change.generations ? world.runs.change(id, change, condition) : first;
    };
    const { run: done } = await generate({ runs: { ...world.runs, change } });
    expect(done.status).toBe('generated');
    expect(world.bus.idsOf('RunGenerated')).toHaveLength(1);
    expect(await now()).toMatchObject({ status: 'generated', pending: ['RunGenerated'] });
  });

  test('is refused after another worker took the run, even one that kept some of our outputs', async () => {
    const others: World['runs']['change'] = async (id, change, condition) => {
      if (change.generations) {
        const [first, ...rest] = change.generations;
        const theirs = [...(first ? [first] : []), ...rest.map((figures) => ({ ...figures, lease: 'ffff' }))];
        await world.runs.change(
          id,
          { status: 'generated', lease: null, generations: theirs, pending: [] },
          {},
        );
      }
      return world.runs.change(id, change, condition);
    };
    await expect(generate({ runs: { ...world.runs, change: others } })).rejects.toMatchObject({
      code: 'lease_lost',
    });
    expect((await now())?.generations.map(({ lease }) => lease)).toEqual([token(), 'ffff', 'ffff', 'ffff']);
    expect(world.bus.events).toEqual([]);
  });

  test('of outputs that were all kept from an earlier lease is recognised, too', async () => {
    await generate({ runs: { ...world.runs, change: async () => Promise.reject(serverError()) } }).catch(
      () => {},
    );
    await world.clock.advance(61_000);
    run = (await claimRun(run.id, world)) ?? run;
    const change: World['runs']['change'] = async (id, change, condition) => {
      const first = await world.runs.change(id, change, condition);
      return change.generations ? world.runs.change(id, change, condition) : first;
    };
    const generateOne = makeGenerateOne();
    expect((await generate({ generateOne, runs: { ...world.runs, change } })).run.status).toBe('generated');
    expect(generateOne.calls).toEqual([]);
  });

  test('does not restore a deleted run', async () => {
    const generateOne = makeGenerateOne(async () => {
      await world.runs.change(run.id, { status: 'deleted', lease: null }, {});
      return 'text';
    });
    await expect(generate({ generateOne })).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await now()).toMatchObject({ status: 'deleted', generations: [] });
  });
});

describe('a lost lease', () => {
  test('stops the generations that are under way and commits nothing', async () => {
    const waiting: GenerateOne = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const done = generate({ generateOne: waiting });
    done.catch(() => {});
    await settled();
    await world.runs.change(run.id, { lease: { token: 'theirs', until: world.clock.now() + 600_000 } }, {});
    await world.clock.advance(20_000);
    await expect(done).rejects.toMatchObject({ code: 'lease_lost' });
    expect(await now()).toMatchObject({ status: 'generating', lease: { token: 'theirs' }, generations: [] });
    expect(world.jobs.bodies()).toEqual([]);
  });
});

describe('outputs of an earlier lease', () => {
  const crashAfter = async (count: number) => {
    let left = count;
    const generateOne = makeGenerateOne(({ index }) => {
      if (--left < 0) throw new Error('crash');
      return `first ${index}`;
    });
    await generate({ generateOne }).catch(() => {});
    await world.clock.advance(61_000);
    const first = token();
    run = (await claimRun(run.id, world)) ?? run;
    return first;
  };

  test('are kept and not generated again, while the others are', async () => {
    const first = await crashAfter(2);
    const generateOne = makeGenerateOne(({ index }) => `second ${index}`);
    const { run: done, generations } = await generate({ generateOne });
    expect(generateOne.calls.map(({ index }) => index)).toEqual([2, 3]);
    expect(generations.map(({ text }) => text)).toEqual(['first 0', 'first 1', 'second 2', 'second 3']);
    expect(done.generations.map(({ lease }) => lease)).toEqual([first, first, token(), token()]);
  });

  test('that failed are generated again', async () => {
    await generate({
      generateOne: makeGenerateOne(({ index }) => (index === 0 ? null : 'first')),
      runs: { ...world.runs, change: async () => undefined },
    }).catch(() => {});
    await world.clock.advance(61_000);
    run = (await claimRun(run.id, world)) ?? run;
    const generateOne = makeGenerateOne(() => 'second');
    const { generations } = await generate({ generateOne });
    expect(generateOne.calls.map(({ index }) => index)).toEqual([0]);
    expect(generations.map(({ text }) => text)).toEqual(['second', 'first', 'first', 'first']);
  });

  test('are not looked up on a first attempt', async () => {
    const content = { ...world.content, list: async () => Promise.reject(new Error('listed')) };
    expect((await generate({ content })).run.status).toBe('generated');
  });
});

test('an event that cannot be sent stays pending, and a later sweep sends that very event', async () => {
  world.bus.down = true;
  const { run: done } = await generate();
  expect(done).toMatchObject({
    status: 'generated',
    pending: ['RunGenerated'],
    dueAt: world.clock.now() + 30_000,
  });
  expect(world.log.named('event.delayed')).toHaveLength(1);
  world.bus.down = false;
  await world.clock.advance(30_000);
  await sweep(world.deps);
  expect(world.bus.idsOf('RunGenerated')).toEqual([`${run.id}.RunGenerated`]);
  expect(await now()).toMatchObject({ dueTries: 2, dueAt: world.clock.now() + 20 * 60_000 });
});

describe('a run in an invocation that runs out of time', () => {
  test('keeps its finished outputs, is put back, and has its job sent again', async () => {
    const time = new AbortController();
    const generateOne: GenerateOne = async (input) => {
      if (input.index < 2) return makeGenerateOne()(input);
      return new Promise((_, reject) =>
        input.signal.addEventListener('abort', () => reject(input.signal.reason)),
      );
    };
    const done = generate({ generateOne }, { signal: time.signal });
    done.catch(() => {});
    await settled();
    time.abort(new Error('out of time'));
    await expect(done).rejects.toMatchObject({ code: 'put_back' });
    expect(await now()).toMatchObject({
      status: 'queued',
      lease: null,
      putBacks: 1,
      dueAt: world.clock.now() + 60_000,
    });
    expect(world.jobs.bodies()).toEqual([{ type: 'run', run_id: run.id }]);
    run = (await claimRun(run.id, world)) ?? run;
    const again = makeGenerateOne();
    expect((await generate({ generateOne: again })).generations).toHaveLength(4);
    expect(again.calls.map(({ index }) => index)).toEqual([2, 3]);
  });

  test('is left to its lease when it cannot be put back', async () => {
    const jobs = { send: async () => Promise.reject(serverError()) };
    const signal = AbortSignal.abort(new Error('out of time'));
    await expect(generate({ jobs }, { signal })).rejects.toMatchObject({ code: 'put_back' });
    expect(world.log.named('run.not_put_back')).toHaveLength(1);
    expect(await now()).toMatchObject({ status: 'queued', dueAt: world.clock.now() + 60_000 });
  });
});

describe('a run that its provider throttles', () => {
  const throttled = (retryAfterMs?: number): GenerateOne => {
    const failing = makeGenerateOne(() => null);
    return async (input) => ({ ...(await failing(input)), throttled: { retryAfterMs } });
  };
  const firstAnswers: GenerateOne = (input) =>
    (input.index === 0 ? makeGenerateOne() : throttled(90_000))(input);

  test('is put back with a due time when no caller waits, keeps its finished outputs, and counts no lost worker', async () => {
    await expect(generate({ generateOne: firstAnswers }, { patient: true })).rejects.toMatchObject({
      code: 'put_back',
    });
    expect(await now()).toMatchObject({
      status: 'queued',
      lease: null,
      putBacks: 1,
      dueAt: world.clock.now() + 90_000 + 60_000,
    });
    expect(world.jobs.nextAt()).toBe(world.clock.now() + 90_000);
    expect(await world.content.list(`outputs/${run.id}/`)).toEqual([outputKey(run.id, 0, token())]);
    run = (await claimRun(run.id, world)) ?? run;
    const again = makeGenerateOne();
    expect((await generate({ generateOne: again }, { patient: true })).run.status).toBe('generated');
    expect(again.calls.map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  test('waits longer each time, 15 minutes at most, and fails after a day', async () => {
    await accept({ background: true });
    const waits: number[] = [];
    for (let times = 0; times < 200 && (await now())?.status !== 'failed'; times += 1) {
      await generate({ generateOne: throttled() }, { patient: true }).catch(() => {});
      const back = await now();
      if (back?.status !== 'queued') continue;
      waits.push((world.jobs.nextAt() ?? 0) - world.clock.now());
      await world.clock.advance(waits.at(-1) ?? 0);
      world.jobs.receive()?.delete();
      run = (await claimRun(run.id, world)) ?? run;
      expect(run.status).toBe('generating');
    }
    expect(waits.slice(0, 6)).toEqual([23_000, 45_000, 90_000, 180_000, 360_000, 675_000]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(900_000);
    expect(await now()).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
    expect(world.clock.now() - Date.parse(run.createdAt)).toBeGreaterThanOrEqual(86_400_000);
  });

  test('fails at once when a caller waits for the answer', async () => {
    expect((await generate({ generateOne: throttled() })).run.status).toBe('failed');
  });
});

test('a run that runs out of time again and again loses an attempt each time after the tenth', async () => {
  const signal = AbortSignal.abort(new Error('out of time'));
  for (let times = 0; times < 40 && run.status === 'generating'; times += 1) {
    await generate({}, { signal }).catch(() => {});
    run = (await claimRun(run.id, world)) ?? run;
  }
  expect(run).toMatchObject({ status: 'failed', error: { code: 'attempts_exhausted' }, putBacks: 10 });
  expect(run.attempts).toBe(15);
});

test('an output that cannot be saved leaves the run to its lease, and nothing is committed', async () => {
  const content = { ...world.content, put: async () => Promise.reject(serverError()) };
  await expect(generate({ content })).rejects.toMatchObject({ name: 'UpstreamError' });
  expect(await now()).toEqual(run);
});

describe('tokens that the server did not count', () => {
  /** Counts seven tokens for every chunk. */
  const sevenEach: CountTokens = async ({ generation, trace }) =>
    generation.timing
      ? {
          generation: { ...generation, timing: { ...generation.timing, token_count_source: 'tokenizer' } },
          trace: { ...trace, chunks: trace.chunks.map((chunk) => ({ ...chunk, tokens: 7 })) },
        }
      : undefined;
  const saved = async (index: number) => {
    const output = await world.content.get(outputKey(run.id, index, token()));
    return { generation: decodeGeneration(output, () => ({})), trace: decodeTrace(output) };
  };

  test('are counted once no stream is under way any more, and saved before the commit', async () => {
    let underWay = 0;
    const inner = makeGenerateOne();
    const generateOne: GenerateOne = async (input) => {
      underWay++;
      await settled();
      const generated = await inner(input);
      underWay--;
      return generated;
    };
    const countTokens: CountTokens = (output) => {
      expect(underWay).toBe(0);
      expect(inner.calls).toHaveLength(4);
      return sevenEach(output);
    };
    const { generations, run: done } = await generate({ generateOne, countTokens });
    expect(done.status).toBe('generated');
    for (const { index, timing } of generations) {
      expect(timing?.token_count_source).toBe('tokenizer');
      const { generation, trace } = await saved(index);
      expect(generation).toEqual(generations[index]);
      expect(new Set(trace.chunks.map(({ tokens }) => tokens))).toEqual(new Set([7]));
    }
  });

  test('stay unknown when counting them fails, and the text is kept', async () => {
    const countTokens: CountTokens = async () => Promise.reject(serverError());
    const { generations, run: done } = await generate({ countTokens });
    expect(done.status).toBe('generated');
    expect(generations.map(({ timing }) => timing?.token_count_source)).toEqual(Array(4).fill('usage'));
    expect(world.log.named('tokens.not_counted')).toHaveLength(4);
  });

  test('of a failed generation stay as they are', async () => {
    const generateOne = makeGenerateOne(({ index }) => (index === 1 ? null : 'a text'));
    const { generations } = await generate({ generateOne, countTokens: sevenEach });
    expect(generations.map(({ status }) => status)).toEqual([
      'completed',
      'failed',
      'completed',
      'completed',
    ]);
    expect((await saved(1)).generation).toEqual(generations[1]);
  });
});
