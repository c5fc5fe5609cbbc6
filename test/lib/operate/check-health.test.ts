import { describe, expect, test } from 'vitest';
import { makeJsonLog } from '../../../lib/adapters/lambda/json-log.ts';
import { UpstreamError } from '../../../lib/errors.ts';
import { makeCheckHealth } from '../../../lib/operate/check-health.ts';

const world = () => {
  const lines: string[] = [];
  let ms = 0;
  return {
    lines,
    pass: (by: number) => {
      ms += by;
    },
    deps: { clock: { now: () => ms, monotonic: () => ms }, log: makeJsonLog({}, (line) => lines.push(line)) },
  };
};

describe('checkHealth', () => {
  test('is ok when every part answers', async () => {
    const check = makeCheckHealth({ dynamodb: async () => 1, s3: async () => 2 }, world().deps);
    expect(await check()).toEqual({ status: 'ok', checks: { dynamodb: 'ok', s3: 'ok' } });
  });

  test('is down when one part is, and logs the reason without sending it', async () => {
    const { deps, lines } = world();
    const down = async () => {
      throw new UpstreamError('pinecone', 'at 10.0.0.7: refused', { code: 'upstream_error' });
    };
    const report = await makeCheckHealth({ s3: async () => 1, pinecone: down }, deps)();
    expect(report).toEqual({ status: 'down', checks: { s3: 'ok', pinecone: 'down' } });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'health.down', part: 'pinecone', code: 'upstream_error' },
    ]);
  });

  test('caches its answer for ten seconds, so that frequent calls check the parts once', async () => {
    const { deps, pass } = world();
    let asked = 0;
    const check = makeCheckHealth({ s3: async () => (asked += 1) }, deps);
    await Promise.all([check(), check()]);
    pass(10_000);
    await check();
    expect(asked).toBe(1);
    pass(1);
    await check();
    expect(asked).toBe(2);
  });
});
