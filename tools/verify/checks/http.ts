import { restEvent } from '../../../test/fixtures/rest-event.ts';
import type { Deployment } from '../deployment.ts';
import type { Gateway } from '../gateway.ts';
import { must, type Report, same } from '../report.ts';
import { integrationResponseOf } from '../runtime/integration-response.ts';
import { textOf } from '../runtime/outcome.ts';

const PROBLEM_TYPE = 'application/problem+json';

/** Checks REST API events (payload format 1.0) with whole answers. */
export const checkHttp = async (
  { functionOf, sandbox, start, runs }: Deployment,
  gateway: Gateway,
  { part, check }: Report,
): Promise<void> => {
  part('REST API: whole answers');
  const ask = (path: string, init?: RequestInit) => fetch(`${gateway.url}${path}`, init);
  const post = (body: object) =>
    ask('/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  await check('GET /health finds every part up', async () => {
    const answer = await ask('/health');
    const { status, checks } = (await answer.json()) as { status: string; checks: Record<string, unknown> };
    same('the status', answer.status, 200);
    return `${status}: ${Object.keys(checks).join(', ')}`;
  });

  await check('GET /runs returns a list', async () => {
    const answer = await ask('/runs?limit=5');
    same('the status', answer.status, 200);
    must(Array.isArray(((await answer.json()) as { data: unknown }).data), 'the answer has no array data');
    return undefined;
  });

  for (const [method, path, status, code] of [
    ['GET', '/nothing', 404, 'unknown_route'],
    ['PATCH', '/runs', 405, 'method_not_allowed'],
  ] as const) {
    await check(`${method} ${path} is our own ${status}`, async () => {
      const answer = await ask(path, { method });
      const body = (await answer.json()) as { code: string };
      same('the status', answer.status, status);
      same('the content type', answer.headers.get('content-type'), PROBLEM_TYPE);
      same('the code', body.code, code);
      return undefined;
    });
  }

  await check('POST /runs answers with the whole run, and the run is in the table', async () => {
    const answer = await post({
      prompt: 'Explain vector databases.',
      max_tokens: 20,
      extra_body: { pace: 0 },
    });
    same('the status', answer.status, 201);
    const run = (await answer.json()) as { id: string; status: string };
    same('the status of the run', run.status, 'generated');
    same('the status in the table', (await runs.get(run.id))?.status, 'generated');
    await gateway.latest();
    return undefined;
  });

  await check('a body that is not a run request gets a 400 that names the fields', async () => {
    const answer = await post({ prompt: 'x', max_tokens: 'many', colour: 'red' });
    const body = (await answer.json()) as { errors: { path: string }[] };
    await gateway.latest();
    same('the status', answer.status, 400);
    same('the paths', body.errors.map(({ path }) => path).sort(), ['colour', 'max_tokens']);
    return undefined;
  });

  await check('links include the stage of the API Gateway event', async () => {
    const environment = await sandbox(functionOf('http'));
    const body = JSON.stringify({ prompt: 'Explain queues.', background: true });
    const answer = integrationResponseOf(await environment.invoke(restEvent({ body })));
    same('the status', answer.status, 202);
    must(
      /^\/dev\/runs\/run_/.test(answer.headers.location ?? ''),
      `the location is ${answer.headers.location}`,
    );
    return answer.headers.location;
  });

  await check('a protected route without a key and without ANONYMOUS_CALLER is a 401', async () => {
    const environment = await start(functionOf('api'), { ANONYMOUS_CALLER: undefined });
    try {
      const event = restEvent({ httpMethod: 'GET', path: '/usage', body: null });
      const outcome = await environment.invoke(event);
      same('the status', JSON.parse(textOf(outcome)).statusCode, 401);
      return undefined;
    } finally {
      await environment.close();
    }
  });
};
