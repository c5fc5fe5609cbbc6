import { afterEach, describe, expect, it } from 'vitest';
import { makeModelCheck } from '../../../../lib/adapters/openai/model-check.ts';
import { makeCheckHealth } from '../../../../lib/operate/check-health.ts';
import { memoryLog, stillClock } from '../../../fixtures/http.ts';
import { startModelServer } from './model-server.ts';

type Server = Awaited<ReturnType<typeof startModelServer>>;
const started: Server[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

/** The health of a server that answers with this status, repeating the key, and what is logged of it. */
const healthOf = async (status: number, key: string) => {
  const server = await startModelServer((response, { headers }) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ object: 'list', data: [], error: { message: `no: ${headers.authorization}` } }),
    );
  });
  started.push(server);
  const openai = makeModelCheck({ baseUrl: server.baseURL, apiKey: { value: key } });
  const log = memoryLog();
  const health = await makeCheckHealth({ openai }, { clock: stillClock, log })();
  return { health, lines: log.lines };
};

describe('the check of the model server', () => {
  it('passes where the server gives its models', async () => {
    const { health, lines } = await healthOf(200, 'sk-secret');
    expect([health.status, lines]).toEqual(['ok', []]);
  });

  it.each([
    ['that is refused', 401, 'sk-secret'],
    ['that a header cannot hold', 200, 'sk-secret\nsecond line'],
  ])('logs that it failed, and never the key %s', async (_, status, key) => {
    const { health, lines } = await healthOf(status, key);
    expect(health.status).toBe('down');
    expect(lines).toMatchObject([{ code: 'upstream_error', cause: expect.any(String) }]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
