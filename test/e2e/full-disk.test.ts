import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pollUntil } from '../../tools/poll-until.ts';
import { mountSmallDisk } from '../fixtures/small-disk.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import { endAll, type RunningStack, runStack, spawnStack } from './stack-process.ts';

const disk = mountSmallDisk(128);
const LIMIT_MS = 40_000;
const run = { prompt: 'Explain disks.', max_tokens: 4, extra_body: { pace: 0 } };

describe.runIf(disk !== undefined)('npm start on a disk that becomes full', () => {
  let stack: RunningStack;
  let api: Client;
  beforeAll(async () => {
    stack = await runStack(disk?.folder);
    api = clientOf(stack.file.api);
  }, 300_000);
  afterAll(async () => {
    await stack?.interrupt();
    endAll();
    disk?.remove();
  });

  const health = async () => {
    const answer = await fetch(`${stack.file.api}/health`);
    return { status: answer.status, body: await answer.json() };
  };

  test('says so in GET /health, begins no run, and goes on by itself once there is room', async () => {
    const { body: before } = await api.run(run);
    await api.completed(before.id);
    disk?.fill();
    const down = await pollUntil(
      'a health of which all that is on the disk is down',
      async () => {
        const found = await health();
        const { dynamodb, s3, sqs } = (found.body as { checks: Record<string, string> }).checks;
        return [dynamodb, s3, sqs].every((state) => state === 'down') && found;
      },
      LIMIT_MS,
    );
    expect(down.body).toEqual({
      status: 'down',
      checks: {
        ...{ dynamodb: 'down', s3: 'down', sqs: 'down' },
        ...{ events: 'ok', openai: 'ok', pinecone: 'ok' },
      },
    });
    expect(
      (
        await api.problem('/runs', {
          method: 'POST',
          body: JSON.stringify(run),
          headers: { 'content-type': 'application/json' },
        })
      ).status,
    ).toBeGreaterThanOrEqual(500);
    expect(stack.output()).toMatch(/disk: The disk of .* is full \(\d+ MiB free\): free 32 MiB/);
    disk?.empty();
    await pollUntil('a health that is up', async () => (await health()).status === 200, LIMIT_MS);
    expect((await api.get(`/runs/${before.id}`)).body.status).toBe('completed');
    const { body: after } = await api.run(run);
    await api.completed(after.id);
  }, 300_000);

  test('does not start there, and says what to do in one line', async () => {
    await stack.interrupt();
    disk?.fill();
    const again = spawnStack(stack.dataDir);
    expect(await again.closed).toBe(1);
    const fault = 'disk of .* is full|data folder .* cannot be (written|closed to others) \\(ENOSPC\\)';
    expect(again.output()).toMatch(new RegExp(`error: the (${fault}): .*set EVERYTOKEN_DATA_DIR`));
    disk?.empty();
    stack = await runStack(stack.dataDir);
  }, 300_000);
});
