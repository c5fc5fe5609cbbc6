import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeAws } from './describe-aws.ts';
import { describeBatches } from './describe-batches.ts';
import { describeComparisons } from './describe-comparisons.ts';
import { describeDropFolder } from './describe-drop-folder.ts';
import { describeFiles } from './describe-files.ts';
import { describeIdempotency } from './describe-idempotency.ts';
import { describeNames } from './describe-names.ts';
import { describeObservability } from './describe-observability.ts';
import { describeOpenai } from './describe-openai.ts';
import { describeOpenaiCompatible } from './describe-openai-compatible.ts';
import { describePinecone } from './describe-pinecone.ts';
import { describeRefusals } from './describe-refusals.ts';
import { describeRuns } from './describe-runs.ts';
import { describeStreaming } from './describe-streaming.ts';
import { endAll, type RunningStack, runStack } from './stack-process.ts';

// One stack for all of these tests, since starting it takes long.
let running: RunningStack;
const stack = (): RunningStack => running;
beforeAll(async () => {
  running = await runStack();
});
afterAll(endAll);

describe('npm start', () => {
  const local = /^http:\/\/127\.0\.0\.1:\d+$/;

  test('writes the addresses and names of all parts to stack.json', () => {
    const names = ['Jobs', 'Intake', 'Embed', 'Export'].flatMap((name) => [
      `${name}Queue`,
      `${name}DeadLetters`,
    ]);
    const queues = [...names, 'RuleDeadLetters', 'SweepDeadLetters'].map((name) => [
      name,
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
    ]);
    expect(running.file).toEqual({
      ...Object.fromEntries(
        ['api', 'dashboard', 'pinecone', 'dynamodb', 's3', 'sqs', 'events'].map((part) => [
          part,
          expect.stringMatching(local),
        ]),
      ),
      openai: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
      table: expect.any(String),
      bus: 'everytoken',
      index: 'autogen-text',
      deployment: expect.any(String),
      namespace: `${running.file.deployment}:`,
      buckets: { ContentBucket: expect.any(String) },
      queues: Object.fromEntries(queues),
      credentials: {
        api: null,
        aws: {
          access_key_id: expect.stringMatching(/^LOCAL[A-Z2-7]{15}$/),
          secret_access_key: expect.stringMatching(/^[\w-]{40}$/),
        },
        openai: expect.stringMatching(/^sk-local-[\w-]{32}$/),
        pinecone: expect.stringMatching(/^pclocal_[\w-]{32}$/),
      },
    });
  });

  test('tells its keys to no other program: not in what it prints, nor in the arguments of its processes', () => {
    const { aws, openai, pinecone } = running.file.credentials;
    for (const key of [aws?.secret_access_key, openai, pinecone]) {
      expect(running.output()).not.toContain(key);
      if (!existsSync('/proc/self/cmdline')) continue;
      for (const pid of [running.pid, ...running.children()])
        expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(key);
    }
  });

  test('keeps all that it stores from other users of the machine', async () => {
    await fetch(`${running.file.api}/runs`); // so that functions have started, too
    const { dataDir } = running;
    const open = ['.', ...readdirSync(dataDir, { recursive: true, encoding: 'utf8' })].filter(
      (path) => (lstatSync(join(dataDir, path)).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
    expect((lstatSync(join(dataDir, 'stack.json')).mode & 0o777).toString(8)).toBe('600');
  });

  test('answers GET /health with 200 and every part', async () => {
    const answer = await fetch(`${running.file.api}/health`);
    expect(answer.status).toBe(200);
    const checks = Object.fromEntries(
      ['dynamodb', 's3', 'sqs', 'events', 'openai', 'pinecone'].map((part) => [part, 'ok']),
    );
    expect(await answer.json()).toEqual({ status: 'ok', checks });
  });

  test('prints the services first, and never a prompt or an output', async () => {
    expect(running.output()).toMatch(
      /model\s+local n-gram model.*\n.*embeddings\s+local.*\n.*pinecone\s+local.*\n.*aws\s+local/,
    );
    expect(running.output().indexOf('local n-gram')).toBeLessThan(running.output().indexOf('✓'));
  });

  test('serves the published API document and a page', async () => {
    const document = (await (await fetch(`${running.file.api}/openapi.json`)).json()) as { paths: unknown };
    const committed = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8'));
    expect(document.paths).toEqual(committed.paths);
    expect((await fetch(running.file.dashboard)).headers.get('content-type')).toMatch(/^text\/html/);
  });

  test("serves the page at /docs with the viewer's own files, compressed", async () => {
    const page = await (await fetch(`${running.file.api}/docs`)).text();
    const names = [...page.matchAll(/"(docs\/swagger-ui[^"]+)"/g)].map(([, name]) => name);
    const answers = await Promise.all(names.map((name) => fetch(`${running.file.api}/${name}`)));
    expect(answers.map(({ headers }) => headers.get('content-encoding'))).toEqual(['gzip', 'gzip']);
    const own = (name: string) =>
      readFileSync(join(import.meta.dirname, '../../node_modules/swagger-ui-dist', name), 'utf8');
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(texts).toEqual([own('swagger-ui.css'), own('swagger-ui-bundle.js')]);
  });
});

describeOpenai(stack);
describePinecone(stack);
describeRuns(stack);
describeIdempotency(stack);
describeStreaming(stack);
describeRefusals(stack);
describeOpenaiCompatible(stack);
describeDropFolder(stack);
describeAws(stack);
describeFiles(stack);
describeBatches(stack);
describeComparisons(stack);
describeNames(stack);
describeObservability(stack);

describe('the output of npm start', () => {
  test('contains no prompt and no text of any of these runs', () => {
    for (const secret of [
      'Explain vector databases',
      'Explain neural nets. ',
      'Explain idempotency',
      'Explain refusals',
    ])
      expect(running.output()).not.toContain(secret);
  });
});
