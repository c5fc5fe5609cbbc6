import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  createClient,
  type ErrorCode,
  type Generation,
  type ProblemCode,
  type RunInput,
} from '../../client/index.ts';
import type { Problem } from '../../lib/http/problem.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { clientTypes } from '../../tools/client-types.ts';

const root = join(import.meta.dirname, '../..');
const everytoken = createClient({ baseUrl: 'http://127.0.0.1:1' });
const { runs, comparisons, files, search } = everytoken;

test('the committed types are those of openapi.json; npm run openapi rewrites them', async () => {
  const document = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8'));
  expect(readFileSync(join(root, 'client/api-types.ts'), 'utf8')).toBe(await clientTypes(document));
});

// `tsc` checks these: it reports a `@ts-expect-error` without an error. No function here is called.
describe('a compile error is raised by', () => {
  test('a request with a field that the API does not have, or a value that it does not take', () => {
    expect([
      // @ts-expect-error The field is max_tokens.
      () => runs.create({ prompt: 'x', maxTokens: 5 }),
      // @ts-expect-error The method says whether a run is streamed.
      () => runs.create({ prompt: 'x', stream: true }),
      // @ts-expect-error A temperature is a number.
      () => runs.stream({ prompt: 'x', temperature: '0.5' }),
      // @ts-expect-error There is no such role.
      () => runs.create({ messages: [{ role: 'robot', content: 'x' }] }),
      // @ts-expect-error A setting has a label.
      () => runs.create({ prompt: 'x', settings: [{ top_k: 40 }] }),
      // @ts-expect-error Either a prompt or messages.
      () => runs.create({ max_tokens: 5 }),
      // @ts-expect-error Not both.
      () => runs.create({ prompt: 'x', messages: [{ role: 'user', content: 'x' }] }),
      // @ts-expect-error There is no such status.
      () => runs.list({ status: 'done' }),
      // @ts-expect-error A filter by metadata has its prefix.
      () => runs.list({ team: 'docs' }),
      // @ts-expect-error There is no such bound.
      () => search({ query: 'x', filter: { max_ms: 5 } }),
      // @ts-expect-error A comparison has settings.
      () => comparisons.create({ prompts: ['x'] }),
      // @ts-expect-error A file has a name.
      () => files.upload('x', {}),
      // @ts-expect-error There is no such result.
      () => files.download('file_0', 'xml'),
    ]).toHaveLength(13);
  });
});

describe('types', () => {
  test('follow those of the API, and narrow events by their type', () => {
    type Created = Awaited<ReturnType<typeof runs.create>>;
    expectTypeOf<Created['generations'][number]>().toEqualTypeOf<Generation>();
    expectTypeOf<Created['status']>().toEqualTypeOf<RunView['status']>();
    expectTypeOf<RunView>().toExtend<Created>();
    expectTypeOf<Problem['status']>().toEqualTypeOf<number>();
    expectTypeOf<ProblemCode>().toExtend<ErrorCode>();
    expectTypeOf<{ prompt: string; top_k: number | null }>().toExtend<RunInput>();
    const read = async () => {
      for await (const event of runs.stream({ prompt: 'x' })) {
        if (event.type === 'generation.token') expectTypeOf(event.text).toEqualTypeOf<string>();
        if (event.type === 'run.completed') expectTypeOf(event.run).toEqualTypeOf<Created>();
      }
    };
    expect(read).toBeTypeOf('function');
  });
});
