import { beforeEach, describe, expect, test } from 'vitest';
import { intakeObject } from '../../../../lib/files/read/intake.ts';
import { makeAuthenticate } from '../../../../lib/http/authenticate.ts';
import {
  fileAnswerSchema,
  fileEstimateSchema,
  fileListSchema,
  uploadSchema,
} from '../../../../lib/http/files/openapi.ts';
import { problemSchema } from '../../../../lib/http/problem-schema.ts';
import { keyHash, parseApiKeys } from '../../../../lib/keys/api-key.ts';
import { makeWholeApi, wholeUseCases } from '../../../fixtures/whole-api.ts';
import { makeWorld, type World } from '../../../memory/world.ts';
import { workOff } from '../../../memory/world-api.ts';

let world: World;
let app: ReturnType<typeof makeWholeApi>;
beforeEach(() => {
  world = makeWorld();
  app = makeWholeApi({
    ...wholeUseCases(world.deps),
    authenticate: makeAuthenticate({
      keys: parseApiKeys('docs:docs-secret-0123456789,team:team-secret-0123456789'),
      findKey: world.deps.keys.get,
      clock: world.clock,
    }),
    clock: world.clock,
    log: world.log,
  });
});

const docs = { 'x-api-key': 'docs-secret-0123456789' };
const team = { 'x-api-key': 'team-secret-0123456789' };
const ask = (path: string, method = 'GET', headers: Record<string, string> = docs) =>
  app.request(path, { method, headers });
const announce = (body: unknown, headers: Record<string, string> = docs) =>
  app.request('/files', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const announced = async (body: unknown) => uploadSchema.parse(await (await announce(body)).json());
const LINES = '{"prompt":"one"}\n{"prompt":"two"}\n';
/** Does what S3 would do on a PUT to the upload URL. */
const upload = async ({ id }: { id: string }, name = 'lines.jsonl', body = LINES) => {
  const object = world.drop(`prompts/@docs/${id}/${name}`, body);
  await intakeObject(object, world.deps);
  return object;
};
const read = async (id: string) => fileAnswerSchema.parse(await (await ask(`/files/${id}`)).json());
const problemIn = async (response: Response) => problemSchema.parse(await response.json());

describe('POST /files', () => {
  test('answers where and how to upload the file, and where to read it then', async () => {
    const response = await announce({ filename: 'lines.jsonl', size_bytes: LINES.length });
    const { id, upload: to } = uploadSchema.parse(await response.json());
    expect([response.status, response.headers.get('location')]).toEqual([201, `/files/${id}`]);
    expect(to).toEqual({
      url: `memory:put/prompts/@docs/${id}/lines.jsonl?bytes=34`,
      method: 'PUT',
      headers: { 'content-type': 'application/x-ndjson', 'if-none-match': '*' },
      expires_at: new Date(world.clock.now() + 900_000).toISOString(),
    });
    expect(await read(id)).toMatchObject({ status: 'awaiting_upload', size_bytes: 34, downloads: null });
  });

  test.each([
    ['filename', { filename: 'a/b.jsonl', size_bytes: 1 }],
    ['filename', { filename: 'lines.pdf', size_bytes: 1 }],
    ['filename', { filename: 'lines.jsonl.defaults.json', size_bytes: 1 }],
    ['filename', { filename: 'li\u0000nes.jsonl', size_bytes: 1 }],
    ['filename', { filename: 'li\u009Bnes.jsonl', size_bytes: 1 }],
    ['filename', { filename: 'nes\u202Elnosj.jsonl', size_bytes: 1 }],
    ['filename', { filename: 'nes\u2066.jsonl', size_bytes: 1 }],
    ['filename', { filename: '', size_bytes: 1 }],
    ['size_bytes', { filename: 'lines.jsonl', size_bytes: 0 }],
    ['size_bytes', { filename: 'lines.jsonl' }],
    ['bytes', { filename: 'lines.jsonl', size_bytes: 1, bytes: 1 }],
    ['defaults.top_p', { filename: 'lines.jsonl', size_bytes: 1, defaults: { top_p: 2 } }],
    ['defaults.max_cost', { filename: 'lines.jsonl', size_bytes: 1, defaults: { max_cost: 2 } }],
  ])('refuses a wrong %s by name', async (path, body) => {
    const response = await announce(body);
    expect(await problemIn(response)).toMatchObject({ status: 400, errors: [{ path }] });
    expect(world.files.files.size).toBe(0);
    expect(world.content.objects.size).toBe(0);
  });

  test('refuses more bytes than a format allows with 413', async () => {
    const response = await announce({ filename: 'one.txt', size_bytes: 1024 * 1024 + 1 });
    expect(await problemIn(response)).toMatchObject({ status: 413, code: 'file_too_large' });
  });

  test('applies the given defaults to all lines', async () => {
    const file = await announced({
      filename: 'lines.jsonl',
      size_bytes: LINES.length,
      defaults: { max_tokens: 7, metadata: { team: 'docs' } },
    });
    await upload(file);
    await workOff(world);
    const runs = [...world.runs.runs.values()];
    expect(runs.map(({ metadata }) => metadata)).toEqual([{ team: 'docs' }, { team: 'docs' }]);
    expect(runs.map(({ request }) => JSON.parse(request ?? '').max_tokens)).toEqual([7, 7]);
  });
});

describe('an uploaded file', () => {
  test('is processed to its results, under the announced id, once', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    const object = await upload(file);
    await intakeObject(object, world.deps);
    expect(await read(file.id)).toMatchObject({ status: 'generating', counts: { lines: 2, remaining: 2 } });
    await workOff(world);
    await intakeObject(object, world.deps);
    const done = await read(file.id);
    expect(done).toMatchObject({
      status: 'completed',
      counts: { lines: 2, completed: 2, failed: 0, remaining: 0 },
      downloads: {
        jsonl: `memory:get/results/prompts/@docs/${file.id}/lines.jsonl.${file.id}.jsonl`,
        summary: expect.stringContaining('.summary.json'),
      },
    });
    expect(world.content.objects.has(done.results.jsonl)).toBe(true);
    expect(world.runs.runs.size).toBe(2);
  });

  const uploaded = async (body: string, { defaults = {}, headers = docs, caller = 'docs' } = {}) => {
    const response = await announce({ filename: 'lines.jsonl', size_bytes: body.length, defaults }, headers);
    const { id } = uploadSchema.parse(await response.json());
    await intakeObject(world.drop(`prompts/@${caller}/${id}/lines.jsonl`, body), world.deps);
    await workOff(world);
    const shown = await (await ask(`/files/${id}`, 'GET', headers)).json();
    return fileAnswerSchema.parse(shown);
  };

  test('reuses the unchanged lines of the earlier uploads of its name, and has results of its own', async () => {
    const first = await uploaded(LINES);
    const second = await uploaded('{"prompt":"two"}\n{"prompt":"three"}\n');
    expect(second.counts).toMatchObject({ completed: 2, reused: 1, generated: 1 });
    expect(second.paid_usd).toBeCloseTo((second.cost_usd ?? 0) - (second.reused_cost_usd ?? 0), 9);
    expect(second.results.jsonl).not.toBe(first.results.jsonl);
    expect(world.runs.runs.size).toBe(3);
    const again = await uploaded(LINES, { defaults: { rerun: true } });
    expect(again.counts).toMatchObject({ completed: 2, reused: 0, generated: 2 });
  });

  test("shares its lines with its caller's file of that name in the bucket, and with no other caller's", async () => {
    await intakeObject(world.drop('prompts/@docs/lines.jsonl', LINES), world.deps);
    await workOff(world);
    expect((await uploaded(LINES)).counts).toMatchObject({ reused: 2, generated: 0 });
    const other = await uploaded(LINES, { headers: team, caller: 'team' });
    expect(other.counts).toMatchObject({ reused: 0, generated: 2 });
  });

  test('whose earlier upload is deleted keeps its results, and a third one generates the deleted lines anew', async () => {
    const first = await uploaded(LINES);
    const second = await uploaded(`${LINES}{"prompt":"three"}\n`);
    expect((await ask(`/files/${first.id}?purge=true`, 'DELETE')).status).toBe(204);
    await workOff(world);
    expect(await world.content.get(second.results.jsonl)).toContain('"status":"completed"');
    expect((await uploaded(`${LINES}{"prompt":"three"}\n`)).counts).toMatchObject({
      completed: 3,
      reused: 1,
      generated: 2,
    });
  });

  test('that was announced to an earlier version keeps the identity of its lines', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    const stored = world.files.files.get(file.id);
    expect(stored?.lineKey).toBe('prompts/@docs/lines.jsonl');
    if (stored) stored.lineKey = null;
    await uploaded(LINES);
    await upload(file);
    await workOff(world);
    expect((await read(file.id)).counts).toMatchObject({ reused: 0, generated: 2 });
  });

  test('that is replaced by other content is another file', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    await upload(file);
    await upload(file, 'lines.jsonl', '{"prompt":"three"}\n');
    await workOff(world);
    expect(world.files.files.size).toBe(2);
    expect((await read(file.id)).counts.lines).toBe(2);
  });
});

describe('an upload announced with a stored key', () => {
  const SECRET = 'stored-secret-0123456789';
  const sha256 = keyHash(SECRET);
  beforeEach(async () => {
    await world.deps.keys.create({
      sha256,
      caller: 'docs',
      disabled: false,
      createdAt: '2026-11-22T13:00:00.000Z',
    });
  });
  const announcedByKey = async () => {
    const body = { filename: 'lines.jsonl', size_bytes: LINES.length };
    return uploadSchema.parse(await (await announce(body, { 'x-api-key': SECRET })).json());
  };

  test('is generated while the key is valid, and goes on when it is disabled after the upload', async () => {
    const file = await announcedByKey();
    const object = await upload(file);
    await world.deps.keys.disable(sha256);
    await intakeObject(object, world.deps);
    await workOff(world);
    expect(await read(file.id)).toMatchObject({ status: 'completed', counts: { completed: 2 } });
  });

  test('is refused once the key is disabled, and so is other content for the same URL', async () => {
    const [late, uploaded] = [await announcedByKey(), await announcedByKey()];
    await upload(uploaded);
    await world.deps.keys.disable(sha256);
    await upload(late);
    await upload(late, 'lines.jsonl', '{"prompt":"three"}\n');
    await upload(uploaded, 'lines.jsonl', '{"prompt":"three"}\n');
    await workOff(world);
    expect(await read(late.id)).toMatchObject({ status: 'cancelled', error: { code: 'key_disabled' } });
    expect(world.files.files.size).toBe(2);
    expect([...world.runs.runs.values()].map(({ file }) => file?.fileId)).toEqual([uploaded.id, uploaded.id]);
    expect(world.log.named('file.ignored').map(({ reason }) => reason)).toEqual([
      'key_disabled',
      'cancelled',
      'key_disabled',
    ]);
  });

  test('is refused when the key was removed from the table', async () => {
    const file = await announcedByKey();
    const object = world.drop(`prompts/@docs/${file.id}/lines.jsonl`, LINES);
    await intakeObject(object, { ...world.deps, keys: { get: async () => undefined } });
    expect(await read(file.id)).toMatchObject({ status: 'cancelled', error: { code: 'key_disabled' } });
  });
});

describe('DELETE /files/{id}', () => {
  test('cancels a file that was not uploaded; a later upload is ignored', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    const response = await ask(`/files/${file.id}`, 'DELETE');
    expect(fileAnswerSchema.parse(await response.json())).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled' },
    });
    await upload(file);
    expect(world.files.files.size).toBe(1);
    expect(world.log.named('file.ignored')).toHaveLength(1);
  });

  test('stops the lines that have not begun, and the results report it line by line', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    await upload(file);
    expect((await ask(`/files/${file.id}`, 'DELETE')).status).toBe(200);
    await workOff(world);
    const stopped = await read(file.id);
    expect(stopped).toMatchObject({
      status: 'completed_with_errors',
      stopped: { code: 'cancelled' },
      counts: { failed: 2, not_begun: 2, generated: 0 },
    });
    const rows = (await world.content.get(stopped.results.jsonl)).trim().split('\n');
    expect(rows.map((row) => JSON.parse(row).error.code)).toEqual(['cancelled', 'cancelled']);
    expect(world.runs.runs.size).toBe(0);
    expect((await ask(`/files/${file.id}`, 'DELETE')).status).toBe(200);
  });
});

describe('DELETE /files/{id}?purge=true', () => {
  test('deletes the file: it is gone at once, is in no list, and its URL brings nothing back', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    await upload(file);
    const answer = await ask(`/files/${file.id}?purge=true`, 'DELETE');
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    for (const [path, method] of [
      [`/files/${file.id}`, 'GET'],
      [`/files/${file.id}`, 'DELETE'],
      [`/files/${file.id}/results`, 'POST'],
    ] as const)
      expect(await problemIn(await ask(path, method))).toMatchObject({ status: 410, code: 'gone' });
    expect(fileListSchema.parse(await (await ask('/files')).json()).data).toEqual([]);
    await workOff(world);
    await upload(file);
    await workOff(world);
    expect(world.runs.runs.size).toBe(0);
    expect([...world.content.objects.keys()].filter((key) => key.startsWith('prompts/'))).toEqual([]);
  });

  test('with another value is refused, and with false stops the file', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    expect((await ask(`/files/${file.id}?purge=1`, 'DELETE')).status).toBe(400);
    expect((await ask(`/files/${file.id}?purge=false`, 'DELETE')).status).toBe(200);
    expect(await read(file.id)).toMatchObject({ status: 'cancelled' });
  });
});

describe('POST /files/{id}/results', () => {
  test('has partial results written while the file is generated, and not after', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    expect((await ask(`/files/${file.id}/results`, 'POST')).status).toBe(409);
    await upload(file);
    const response = await ask(`/files/${file.id}/results`, 'POST');
    expect([response.status, fileAnswerSchema.parse(await response.json()).downloads]).toEqual([
      202,
      expect.objectContaining({ partial: expect.stringContaining('.partial.jsonl') }),
    ]);
    expect(world.fileQueue.bodies()).toContainEqual({ type: 'partial', file_id: file.id });
    await world.fileQueue.receive()?.delete();
    await workOff(world);
    expect(await problemIn(await ask(`/files/${file.id}/results`, 'POST'))).toMatchObject({
      status: 409,
      code: 'conflict',
    });
  });

  test('of a table are a table too', async () => {
    const file = await announced({ filename: 'lines.csv', size_bytes: 17 });
    await upload(file, 'lines.csv', 'prompt,a\none,b\n');
    const response = await ask(`/files/${file.id}/results`, 'POST');
    const { downloads } = fileAnswerSchema.parse(await response.json());
    expect([downloads?.partial, downloads?.partial_csv]).toEqual([
      expect.stringMatching(/\.partial\.jsonl$/),
      expect.stringMatching(/\.partial\.csv$/),
    ]);
  });
});

describe('POST /files/{id}/retry', () => {
  test('answers with the new file and where it is, and with the same one for the same Idempotency-Key', async () => {
    const file = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
    expect(await problemIn(await ask(`/files/${file.id}/retry`, 'POST'))).toMatchObject({
      status: 409,
      code: 'conflict',
    });
    await upload(file);
    await workOff(world);
    const headers = { ...docs, 'idempotency-key': 'again' };
    const response = await ask(`/files/${file.id}/retry`, 'POST', headers);
    const next = fileAnswerSchema.parse(await response.json());
    expect([response.status, response.headers.get('location')]).toEqual([202, `/files/${next.id}`]);
    expect(next).toMatchObject({ status: 'reading', retry_of: file.id, filename: 'lines.jsonl' });
    await workOff(world);
    const again = await ask(`/files/${file.id}/retry`, 'POST', headers);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    expect(fileAnswerSchema.parse(await again.json())).toMatchObject({
      id: next.id,
      counts: { reused: 2, generated: 0 },
    });
    expect((await ask(`/files/${file.id}/retry`, 'POST', team)).status).toBe(404);
  });
});

describe('POST /files/estimate', () => {
  test('answers with the estimate of a text', async () => {
    const response = await app.request('/files/estimate', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...docs },
      body: JSON.stringify({ filename: 'lines.jsonl', content: LINES }),
    });
    expect(response.status).toBe(200);
    expect(fileEstimateSchema.parse(await response.json())).toMatchObject({ accepted: 2, complete: true });
    expect(world.files.files.size).toBe(0);
  });
});

describe('GET /files', () => {
  test("lists the caller's files, newest first, page by page", async () => {
    const ids: string[] = [];
    for (const name of ['a.txt', 'b.txt', 'c.txt']) {
      ids.unshift((await announced({ filename: name, size_bytes: 5 })).id);
      await world.clock.advance(1_000);
    }
    const first = fileListSchema.parse(await (await ask('/files?limit=2')).json());
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const rest = await ask(`/files?limit=2&cursor=${encodeURIComponent(first.next_cursor ?? '')}`);
    expect(fileListSchema.parse(await rest.json())).toMatchObject({
      data: [{ id: ids[2] }],
      next_cursor: null,
    });
    expect(fileListSchema.parse(await (await ask('/files', 'GET', team)).json()).data).toEqual([]);
    const found = async (query: string) =>
      fileListSchema.parse(await (await ask(`/files?${query}`)).json()).data.map(({ id }) => id);
    expect(await found('status=awaiting_upload')).toEqual(ids);
    expect(await found('status=failed')).toEqual([]);
    const second = first.data[1]?.created_at ?? '';
    expect(await found(`since=${second}`)).toEqual(ids.slice(0, 2));
    expect(await found(`until=${second}`)).toEqual(ids.slice(2));
  });

  test.each(['limit=0', 'limit=many', 'cursor=nonsense', 'status=done', 'since=soon'])(
    'refuses %s by name',
    async (query) => {
      const problem = await problemIn(await ask(`/files?${query}`));
      expect(problem).toMatchObject({ status: 400, errors: [{ path: query.split('=')[0] }] });
    },
  );
});

test.each([
  ['GET', ''],
  ['DELETE', ''],
  ['DELETE', '?purge=true'],
  ['POST', '/results'],
])("a caller's %s does not reach another caller's file, or a missing one", async (method, path) => {
  const { id } = await announced({ filename: 'lines.jsonl', size_bytes: LINES.length });
  for (const place of [id, 'file_00000000000000000000000000', 'run_0', '%00']) {
    expect((await ask(`/files/${place}${path}`, method, team)).status).toBe(404);
  }
  expect(await read(id)).toMatchObject({ status: 'awaiting_upload' });
  expect((await ask(`/files/${id}${path}`, method, {})).status).toBe(401);
});
