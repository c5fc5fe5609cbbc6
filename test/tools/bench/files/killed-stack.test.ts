import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resultKey } from '../../../../lib/files/results/objects.ts';
import { checkResults } from '../../../../tools/bench/files/check-results.ts';
import { clientsOf, idBeforehand, makeSource, upload } from '../../../../tools/bench/files/clients.ts';
import { markBlocks } from '../../../../tools/bench/files/mark-blocks.ts';
import { generatePattern, lineRunIdOf, seedRuns } from '../../../../tools/bench/files/seed-runs.ts';
import { type Stack, startStack } from '../../../../tools/bench/files/stack.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { type ModelServer, startModelServer } from '../../../e2e/model-server.ts';

const LINES = 2_100;
const KEY = 'prompts/@local/lines.jsonl';
/** The last block, of 100 lines. */
const OPEN_BLOCK = 8;
const folder = mkdtempSync(join(tmpdir(), 'everytoken-files-'));
const dataDir = join(folder, 'data');
let models: ModelServer;
let stack: Stack | undefined;

beforeAll(async () => {
  mkdirSync(dataDir);
  models = await startModelServer();
});
afterAll(async () => {
  await stack?.kill();
  await models?.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = async () => {
  stack = await startStack(dataDir, { OPENAI_BASE_URL: models.url, DEFAULT_MODEL: 'other-chat' });
  return { stack, clients: clientsOf(stack.file) };
};

// The runs of the lines have ended before, as in the benchmark. Those of one block have not been recorded, so the file
// is in the middle of its work while that block's jobs are. Then no lease would have to run out first.
test('2,100 lines go through intake and assembly in order, with the stack killed in the middle', async () => {
  const first = await start();
  const pattern = await generatePattern(folder, first.clients);
  const source = await makeSource(folder, 'lines', LINES);
  const fileId = await idBeforehand(source, KEY, first.clients);
  await seedRuns({ fileId, key: KEY, lines: LINES }, pattern, first.clients, () => undefined);
  const marking = markBlocks(
    { fileId, lines: LINES, except: [OPEN_BLOCK] },
    first.clients,
    AbortSignal.timeout(30_000),
  );
  await upload(source, KEY, first.clients);
  await marking;
  const { files } = first.clients;
  const done = await pollUntil(
    'jobs of the open block that are done',
    async () => (await files.getBlock(fileId, OPEN_BLOCK))?.done.length || undefined,
    20_000,
    20,
  );
  await first.stack.kill();
  first.clients.destroy();
  expect(done).toBeLessThan(100);

  const { clients } = await start();
  const file = await pollUntil(
    'the results',
    async () => {
      const now = await clients.files.get(fileId);
      return now?.endedAt ? now : undefined;
    },
    60_000,
    100,
  );
  expect(file).toMatchObject({ status: 'completed', lines: LINES, refused: 0, counts: { completed: LINES } });
  const body = await clients.stream(resultKey(file, '.jsonl'));
  const checked = await checkResults(body, (line) => lineRunIdOf(line, KEY, clients));
  expect(checked).toMatchObject({ lines: LINES, wrong: undefined });
  clients.destroy();
}, 150_000);
