import { expect, test } from 'vitest';
import { stopFile } from '../../../../lib/files/stop-file.ts';
import { audit } from '../../../../lib/operate/audit/audit.ts';
import { makeMemoryScan } from '../../../memory/audit-ports.ts';
import { jsonLines, makeFileWorld, prompts, SMALL } from '../../files/file-world.ts';

const batchLine = (id: string) => ({
  custom_id: id,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'gpt-6-luna', messages: [{ role: 'user', content: id }], index: false },
});
const texts = Array.from({ length: 12 }, (_, at) => `prompt ${at}`);

test.each([
  ['that goes on', texts, 5, false],
  ['that was stopped, while its last lines are in the queue', texts, 5, true],
])('a file of several blocks %s has no findings', async (_, own, jobs, isStopped) => {
  const world = makeFileWorld({ limits: SMALL });
  await world.take('prompts/many.jsonl', prompts(...own));
  for (let job = 0; job < jobs; job += 1) await world.workJob();
  if (isStopped) await stopFile(world.file().id, 'cancelled', world.deps);
  expect(await findings(world)).toEqual([]);
  await world.work();
  expect(await findings(world)).toEqual([]);
});

test.each([
  ['a dry run', jsonLines({ defaults: { dry_run: true } }) + prompts(...texts)],
  ['a file with blank and bad lines', `\n\n${prompts('', 'one')}\nnonsense\n\n${prompts('two', 'three')}`],
  ['a file of Batch lines', jsonLines(...['a', 'b', 'a', 'c', 'd'].map(batchLine))],
])('%s has all its results, and no line twice', async (_, body) => {
  const world = makeFileWorld({ limits: SMALL });
  await world.take('prompts/many.jsonl', body);
  await world.work();
  expect(await findings(world)).toEqual([]);
});

/** Findings except missing vectors, since no embed function runs here. */
const findings = async (world: ReturnType<typeof makeFileWorld>) => {
  const ports = { scan: makeMemoryScan(world) };
  const result = await audit({ ...world.deps, ...ports });
  return result.findings.filter(({ kind }) => kind !== 'missing_vectors');
};
