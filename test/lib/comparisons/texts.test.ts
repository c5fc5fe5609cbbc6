import { beforeEach, describe, expect, test } from 'vitest';
import { createComparison } from '../../../lib/comparisons/create.ts';
import { answerKey } from '../../../lib/comparisons/read.ts';
import type { ComparedText } from '../../../lib/comparisons/texts.ts';
import { deleteFile } from '../../../lib/files/delete-file.ts';
import { stopFile } from '../../../lib/files/stop-file.ts';
import type { GenerateOne } from '../../../lib/generate/generate-one.ts';
import { readUseCases } from '../../../lib/http/read-use-cases.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { outputKey } from '../../../lib/runs/keys.ts';
import { makeComparing } from '../../factories/comparison.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makeWorld, type World } from '../../memory/world.ts';

/** Answers with the setting's label and the prompt; `failing` has no output. */
const model: GenerateOne = (input) => {
  const { setting, messages } = input;
  const text = `${setting.label} on ${messages[0]?.content}`;
  return makeGenerateOne(() => (setting.label === 'failing' ? null : text))(input);
};

let world: World;
let comparing: ReturnType<typeof makeComparing>;
beforeEach(() => {
  world = makeWorld({ generateOne: model });
  comparing = makeComparing(world);
});

const body = {
  prompts: ['one', 'two'],
  settings: [{ label: 'a' }, { label: 'b' }, { label: 'failing' }],
  samples: 3,
  checks: [{ type: 'contains', value: 'a on' }],
};
const create = async (own: object = {}) =>
  (await createComparison({ ...body, ...own }, { caller: 'docs' }, world.deps)).id;
const end = async () => {
  await comparing.work();
  await comparing.embed();
};
const read = (id: string, when: 'ended' | 'always' | 'never' = 'ended') =>
  readUseCases(world.deps).readComparison(id, 'docs', when, 0);
const outputsOf = async (id: string, when: 'ended' | 'always' = 'ended'): Promise<ComparedText[]> =>
  ((await read(id, when)).texts ?? []).flatMap(({ outputs }) => outputs);

describe('the texts of a comparison', () => {
  test('are in its answer once it has ended: by block and setting, with run, generation and checks', async () => {
    const id = await create();
    expect((await read(id)).texts).toBeNull();
    await comparing.work();
    expect(await read(id)).toMatchObject({ status: 'generated', texts: null });
    await comparing.embed();
    const { texts } = await read(id);
    expect(texts).toHaveLength(6);
    for (const [at, { block, prompt, outputs }] of (texts ?? []).entries()) {
      expect(block).toBe(at + 1);
      const asked = body.prompts[prompt];
      expect(outputs).toMatchObject([
        { label: 'a', status: 'completed', text: `a on ${asked}`, passed: true },
        { label: 'b', status: 'completed', text: `b on ${asked}`, passed: false },
        { label: 'failing', status: 'failed', text: null, passed: null },
      ]);
      for (const { run_id, index, label } of outputs) {
        const run = world.runs.runs.get(run_id);
        expect(run?.metadata).toMatchObject({ block: String(block), prompt: String(prompt) });
        expect(run?.labels[index]).toBe(label);
      }
    }
    expect((await read(id, 'never')).texts).toBeNull();
  });

  test('are there before the end where they are asked for, as far as they are generated', async () => {
    const id = await create();
    const states = async () => new Set((await outputsOf(id, 'always')).map(({ status }) => status));
    expect(await states()).toEqual(new Set(['pending']));
    await comparing.work();
    expect(await states()).toEqual(new Set(['completed', 'failed']));
  });

  test('are gone with their run, although the figures stay', async () => {
    const id = await create();
    await end();
    const before = await read(id);
    const run = before.texts?.[0]?.outputs[0]?.run_id ?? '';
    await deleteRun(run, 'docs', world.deps);
    const { texts, ...figures } = await read(id);
    expect({ ...figures, texts: before.texts }).toEqual(before);
    const deleted = { status: 'deleted', text: null, passed: null };
    expect(texts?.[0]?.outputs).toMatchObject([deleted, deleted, deleted]);
    expect(texts?.slice(1)).toEqual(before.texts?.slice(1));
  });

  test('that vanish while they are read are told as deleted', async () => {
    const id = await create();
    await end();
    await read(id);
    const run = [...world.runs.runs.values()].find(({ metadata }) => metadata.block === '1');
    const index = run?.labels.indexOf('b') ?? 0;
    await world.content.delete([outputKey(run?.id ?? '', index, run?.generations[index]?.lease ?? '')]);
    const [first, second] = await outputsOf(id);
    expect(first).toMatchObject({ label: 'a', status: 'completed' });
    expect(second).toMatchObject({ label: 'b', status: 'deleted', text: null, passed: null });
  });

  test('are never stored with the answer, and cannot be read when the comparison is deleted', async () => {
    const id = await create();
    await end();
    await read(id);
    expect(await world.content.get(answerKey(id))).not.toContain('a on one');
    await deleteFile(id, world.deps);
    await expect(read(id)).rejects.toMatchObject({ code: 'gone' });
  });

  test('of a comparison that was stopped are absent', async () => {
    const early = await create();
    await stopFile(early, 'cancelled', world.deps);
    expect(new Set((await outputsOf(early)).map(({ status }) => status))).toEqual(new Set(['absent']));
    const late = await create();
    await comparing.workNow();
    await stopFile(late, 'cancelled', world.deps);
    await comparing.work();
    const stopped = await read(late);
    expect(stopped).toMatchObject({ status: 'failed' });
    expect(stopped.notes).toContainEqual(expect.stringMatching(/^Cancelled at 20.*Z: generations of blocks/));
    expect(await outputsOf(late)).toHaveLength(18);
    expect((await outputsOf(late))[0]).toMatchObject({ status: 'absent', text: null });
  });

  test('are shown to their own caller alone', async () => {
    const id = await create();
    await expect(readUseCases(world.deps).readComparison(id, 'other', 'always', 0)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

test('an answer of more than 5 MB leaves out the later texts, and says where they are', async () => {
  const long = '"'.repeat(400_000);
  world = makeWorld({ generateOne: makeGenerateOne(() => long) });
  comparing = makeComparing(world);
  const id = await create({ samples: 6, checks: null, index: false, settings: [{ label: 'a' }] });
  await comparing.work();
  const answer = await read(id);
  expect(Buffer.byteLength(JSON.stringify(JSON.stringify(answer)))).toBeLessThanOrEqual(5_100_000);
  const outputs = (answer.texts ?? []).flatMap((block) => block.outputs);
  const shown = outputs.filter(({ text }) => text !== null);
  // A quotation mark takes four bytes there.
  expect(shown).toHaveLength(3);
  expect(outputs.slice(0, 3)).toEqual(shown);
  for (const { run_id, index, status, text, left_out } of outputs.slice(3)) {
    expect([status, text]).toEqual(['completed', null]);
    expect(left_out).toEqual({ fields: ['text'], read_at: `/runs/${run_id}/generations/${index}` });
  }
});
