import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, type Everytoken } from '../../client/index.ts';
import { intakeObject } from '../../lib/files/read/intake.ts';
import { PROBLEM_CODES } from '../../lib/http/problem.ts';
import { ROUTES } from '../../lib/http/routes.ts';
import { models } from '../lib/http/apps.ts';
import { makePages, packedText } from '../lib/http/pages.ts';
import { makeMemoryEmbedder } from '../memory/embedder.ts';
import { makeWorld } from '../memory/world.ts';
import { makeWorldApi, workOff } from '../memory/world-api.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/api.md'), 'utf8');
const ADDRESS = 'http://127.0.0.1:3000';

type Example = { route: string; code: string };

/** The examples of all blocks of a language; each begins with a comment that is a route. */
const examplesIn = (language: string, comment: string): Example[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].flatMap(([, block = '']) =>
    block
      .split(new RegExp(`^${comment} (?=[A-Z]+ /)`, 'm'))
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return { route: part.slice(0, end), code: part.slice(end + 1).trim() };
      }),
  );
const commands = examplesIn('sh', '#');
const programs = examplesIn('ts', '//');
const names: string[] = ROUTES.map(({ method, path }) => `${method} ${path}`);

/** Whether a request is one of a route. */
const isOf = (request: string, route: string): boolean =>
  new RegExp(`^${route.replace('{model}', '.+').replace(/\{\w+\}/g, '[^/]+')}$`).test(request);

/** A command line as arguments, in the quotes that the document uses. */
const argumentsOf = (line: string): string[] =>
  [...line.replace(/\\\n/g, ' ').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );

/** The request of a curl command: an address, -X, -H, -d, and -F with a value or a file of Batch lines. */
const requestOf = (line: string): Request => {
  const [program, ...given] = argumentsOf(line);
  expect(program).toBe('curl');
  let [method, body, url]: (string | undefined)[] = [];
  const headers = new Headers();
  const form = new FormData();
  while (given.length > 0) {
    const option = given.shift() ?? '';
    const value = option.startsWith('-') ? (given.shift() ?? '') : '';
    if (option === '-X') method = value;
    else if (option === '-d') body = value;
    else if (option === '-F') addField(form, value);
    else if (option === '-H') headers.append(...(value.split(': ', 2) as [string, string]));
    else if (option.startsWith('-')) expect.fail(`this test does not know curl's ${option}`);
    else url = option;
  }
  return new Request(url ?? '', {
    method: method ?? (body === undefined && !form.has('file') ? 'GET' : 'POST'),
    headers,
    ...(form.has('file') && { body: form }),
    ...(body !== undefined && { body }),
  });
};

const BATCH_LINES =
  '{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "everytoken-ngram", "messages": [{"role": "user", "content": "Explain trees."}]}}\n';

const addField = (form: FormData, field: string): void => {
  const [name = '', value = ''] = field.split('=', 2);
  form.append(name, value.startsWith('@') ? new File([BATCH_LINES], value.slice(1)) : value);
};

/** The whole API and an object store over memory ports; its work and its clock go on by themselves. */
const startService = async () => {
  const world = makeWorld({ embedder: makeMemoryEmbedder({ model: 'text-embedding-3-small' }) });
  let base = '';
  const presign = {
    put: async (key: string) => `${base}/store/${encodeURIComponent(key)}`,
    get: async (key: string) => `${base}/store/${encodeURIComponent(key)}`,
  };
  const { api, generate } = makeWorldApi(
    { ...world, deps: { ...world.deps, presign } },
    {
      authenticate: async (headers) =>
        headers.has('authorization') ? { caller: 'operator', operator: true } : { caller: 'local' },
      listModels: async () => ({
        ...models,
        data: models.data.map((model) => ({ ...model, id: 'everytoken-ngram' })),
      }),
    },
  );
  const pages = makePages({
    viewer: {
      script: packedText('viewer.js', 'text/javascript', ''),
      style: packedText('viewer.css', 'text/css', ''),
    },
  });
  const seen: string[] = [];
  const store = async (request: Request, key: string): Promise<Response> => {
    if (request.method === 'GET') return new Response(new Uint8Array(world.content.objects.get(key) ?? []));
    const bytes = new Uint8Array(await request.arrayBuffer());
    await intakeObject(world.drop(key, bytes), world.deps);
    return new Response();
  };
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/store/'))
      return store(request, decodeURIComponent(pathname.slice('/store/'.length)));
    seen.push(`${request.method} ${pathname}`);
    if (/^\/((docs|assets)(\/.*)?)?$/.test(pathname)) return pages.fetch(request);
    const isAsked =
      request.method === 'POST' &&
      ['/runs', '/v1/chat/completions', '/v1/completions', '/v1/responses'].includes(pathname);
    return (isAsked ? generate : api).fetch(request);
  };
  const server = serve({ fetch: answer, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  let isWorking = false;
  let isOpen = true;
  let pass = Promise.resolve();
  const work = (async () => {
    while (isOpen) {
      if (isWorking) {
        pass = workOff(world);
        await pass;
      }
      await world.clock.advance(1_000);
      await delay(10);
    }
  })();
  return {
    base,
    seen,
    /** Begins to work off the queues, or stops it: what is begun after that stays so. */
    work: async (on: boolean) => {
      isWorking = on;
      if (!on) await pass;
    },
    close: async () => {
      isOpen = false;
      await work;
      server.close();
    },
  };
};

let service: Awaited<ReturnType<typeof startService>>;
let everytoken: Everytoken;
const folder = mkdtempSync(join(tmpdir(), 'everytoken-examples-'));
beforeAll(async () => {
  service = await startService();
  everytoken = createClient({ baseUrl: service.base });
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const prompt = { prompt: 'Explain trees.' };
const settings = [{ label: 'a' }, { label: 'b', top_p: 0.5 }];
/** The resources that examples name, made anew for each of them. */
const MAKE: Record<string, () => Promise<{ id: string }>> = {
  run: () => everytoken.runs.create(prompt),
  queued: () => everytoken.runs.createInBackground(prompt),
  file: () => everytoken.files.upload('Explain trees.', { filename: 'a.txt' }),
  generating: () => everytoken.files.upload('Explain trees.', { filename: 'a.txt' }),
  ended: async () => {
    const lines = '{"prompt": "Explain trees."}\n{"prompt":\n';
    return everytoken.files.wait((await everytoken.files.upload(lines, { filename: 'a.jsonl' })).id);
  },
  export: () => makeExport(),
  input: () => makeInput(),
  batch: async () => {
    const { id: input_file_id } = await makeInput();
    const body = JSON.stringify({
      input_file_id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    const headers = { 'content-type': 'application/json' };
    return madeBy(fetch(`${service.base}/v1/batches`, { method: 'POST', headers, body }));
  },
  exported: () => makeExport(),
  response: () => makeResponse(false),
  later: () => makeResponse(true),
  comparison: () => everytoken.comparisons.create({ prompts: ['Explain trees.'], settings, samples: 2 }),
};
/** A caller may have few exports under way, so those of earlier examples are deleted. */
const makeExport = async (): Promise<{ id: string }> => {
  for (const { id } of (await everytoken.exports.list()).data) await everytoken.exports.delete(id);
  return everytoken.exports.create({ format: 'csv' });
};
const makeInput = (): Promise<{ id: string }> => {
  const body = new FormData();
  addField(body, 'purpose=batch');
  addField(body, 'file=@lines.jsonl');
  return madeBy(fetch(`${service.base}/v1/files`, { method: 'POST', body }));
};
const madeBy = async (answer: Promise<Response>) => (await (await answer).json()) as { id: string };
/** A response, or one of the background. */
const makeResponse = (background: boolean): Promise<{ id: string }> =>
  madeBy(
    fetch(`${service.base}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'Explain trees.', background }),
    }),
  );
let keys = 0;

describe('docs/api.md', () => {
  test('has an example by curl of every route, and one by the client of all that the client is for', () => {
    expect(new Set(commands.map(({ route }) => route))).toEqual(new Set(names));
    const notForIt = names.filter((name) =>
      / (\/v1\/.*|\/health|\/openapi\.json|\/docs.*|\/|\/assets\/.*)$/.test(name),
    );
    expect(new Set(programs.map(({ route }) => route))).toEqual(
      new Set(names.filter((name) => !notForIt.includes(name))),
    );
  });

  test('says what to do for every problem code, with its status', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \| (\d{3}) \| \S.* \|$/gm)].map(([, code, status]) => [
      code,
      Number(status),
    ]);
    expect(new Map(rows as [string, number][])).toEqual(
      new Map(Object.entries(PROBLEM_CODES).map(([code, { status }]) => [code, status])),
    );
    expect(rows).toHaveLength(Object.keys(PROBLEM_CODES).length);
  });

  test.each(commands)('has a command that works: $route', async ({ route, code }) => {
    await service.work(!/\$(QUEUED|GENERATING)/.test(code));
    let line = code
      .replaceAll(ADDRESS, service.base)
      .replace('$KEY', `key-${++keys}`)
      .replace('/docs/$ASSET', '/docs/viewer.js')
      .replace('/assets/$ASSET', '/assets/licences.txt');
    for (const [name, make] of Object.entries(MAKE)) {
      const variable = `$${name.toUpperCase()}`;
      if (line.includes(variable)) line = line.replaceAll(variable, (await make()).id);
    }
    const request = requestOf(line);
    expect(isOf(`${request.method} ${new URL(request.url).pathname}`, route)).toBe(true);
    const response = await fetch(request);
    expect([response.ok, response.ok || (await response.text())]).toEqual([true, true]);
    await response.body?.cancel();
  });

  test.each(programs)(
    'has a program that works: $route $code',
    async ({ route, code }) => {
      const named = Object.entries(MAKE).filter(([name]) => new RegExp(`\\b${name}\\.id`).test(code));
      await service.work(!/\b(queued|generating)\.id/.test(code));
      const made = await Promise.all(
        named.map(async ([name, make]) => `const ${name} = { id: '${(await make()).id}' };`),
      );
      const program = [
        `import { createClient } from ${JSON.stringify(join(root, 'client/index.ts'))};`,
        `const everytoken = createClient({ baseUrl: '${service.base}' });`,
        'const console = { log: (..._: unknown[]) => {} };',
        'const process = { stdout: { write: (_: string) => true } };',
        ...made,
        code.replaceAll(ADDRESS, service.base),
      ].join('\n');
      const file = join(folder, `example-${++keys}.ts`);
      writeFileSync(file, program);
      service.seen.length = 0;
      await import(pathToFileURL(file).href);
      expect(service.seen.filter((request) => isOf(request, route))).not.toEqual([]);
    },
    60_000,
  );
});
