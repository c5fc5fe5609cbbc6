import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { OPERATIONS } from '../../../../lib/http/openapi/document.ts';
import { ANSWER_EXAMPLES, REQUEST_EXAMPLES } from '../../../../lib/http/openapi/examples.ts';
import type { RouteName } from '../../../../lib/http/routes.ts';
import { makeMemoryEmbedder } from '../../../memory/embedder.ts';
import { makeWorld } from '../../../memory/world.ts';
import { makeWorldApi } from '../../../memory/world-api.ts';

const namesOf = (examples: object) => Object.keys(examples) as RouteName[];

describe('the examples of openapi.json', () => {
  test('show a body of every route that has one in JSON', () => {
    const withBody = Object.entries(OPERATIONS).flatMap(([name, { body }]) =>
      body && body.type === undefined ? [name] : [],
    );
    expect(Object.keys(REQUEST_EXAMPLES).toSorted()).toEqual(withBody.toSorted());
  });

  test.each(namesOf(REQUEST_EXAMPLES))('%s accepts its body', async (name) => {
    const world = makeWorld({ embedder: makeMemoryEmbedder({ model: 'text-embedding-3-small' }) });
    const { api, generate } = makeWorldApi(world);
    const { input_file_id } = REQUEST_EXAMPLES['POST /v1/batches'] as { input_file_id: string };
    await world.content.put(`uploads/@local/${input_file_id}/lines.jsonl`, '{}', 'application/x-ndjson');
    const [method = '', path = ''] = name.split(' ');
    const app = ['/runs', '/v1/chat/completions', '/v1/completions', '/v1/responses'].includes(path)
      ? generate
      : api;
    const response = await app.request(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(REQUEST_EXAMPLES[name]),
    });
    expect([response.ok, response.ok || (await response.text())]).toEqual([true, true]);
  });

  test.each(namesOf(ANSWER_EXAMPLES))('%s could answer as its example', (name) => {
    const { json } =
      Object.values(OPERATIONS[name].answers).find((answer) => answer.json !== undefined) ?? {};
    const example = ANSWER_EXAMPLES[name];
    expect(json instanceof z.ZodType && json.parse(example)).toEqual(example);
  });
});
