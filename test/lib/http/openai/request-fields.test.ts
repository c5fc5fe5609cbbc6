import { describe, expect, test } from 'vitest';
import { chatRequestSchema } from '../../../../lib/http/openai/chat-request-schema.ts';
import { OPENAI_FIELDS, OWN_FIELDS } from '../../../../lib/http/openai/request-fields.ts';
import { OWN_TEXT_FIELDS, TEXT_FIELDS, textRequestSchema } from '../../../../lib/http/openai/text-request.ts';
import { embeddingsRequestSchema } from '../../../../lib/openai/embeddings-request.ts';
import type { FieldRule } from '../../../../lib/openai/field-rules.ts';
import { OWN_RESPONSE_FIELDS, RESPONSE_FIELDS } from '../../../../lib/openai/responses/fields.ts';
import { responseBodySchema } from '../../../../lib/openai/responses/request-schema.ts';
import { runRequestSchema } from '../../../../lib/runs/request-schema.ts';
import { propertiesOf } from './sdk-properties.ts';

type Table = Record<string, FieldRule>;

describe.each<[string, { openai: Table; own: Table; taken: object; theirs: string[] }]>([
  [
    'chat completion',
    {
      ...{ openai: OPENAI_FIELDS, own: OWN_FIELDS, taken: chatRequestSchema.shape },
      theirs: propertiesOf('ChatCompletionCreateParamsBase', 'chat/completions/completions.d.ts'),
    },
  ],
  [
    'completion of a prompt',
    {
      ...{ openai: TEXT_FIELDS, own: OWN_TEXT_FIELDS, taken: textRequestSchema.shape },
      theirs: propertiesOf('CompletionCreateParamsBase', 'completions.d.ts'),
    },
  ],
  [
    'response',
    {
      ...{ openai: RESPONSE_FIELDS, own: OWN_RESPONSE_FIELDS, taken: responseBodySchema.shape },
      theirs: propertiesOf('ResponseCreateParamsBase', 'responses/responses.d.ts'),
    },
  ],
])('a %s', (_name, { openai, own, taken, theirs }) => {
  const all = Object.entries({ ...openai, ...own });

  test('has every field of a request in OpenAI’s SDK decided, and no other', () => {
    expect(theirs.length).toBeGreaterThan(15);
    expect(Object.keys(openai).toSorted()).toEqual(theirs.toSorted());
  });

  test('has every field of a run as a field of OpenAI’s or decided as everytoken’s own', () => {
    const decided = Object.keys(runRequestSchema.shape).filter((name) => !theirs.includes(name));
    expect(Object.keys(own)).toEqual(expect.arrayContaining(decided));
  });

  test('has every field in its schema that is not refused, and no other', () => {
    const names = all.filter(([, { is }]) => is !== 'refused').map(([name]) => name);
    expect(Object.keys(taken).toSorted()).toEqual(names.toSorted());
  });

  test('has fields carried only under names that a run has', () => {
    for (const [name] of all.filter(([, { is }]) => is === 'carried'))
      expect(runRequestSchema.shape).toHaveProperty(name);
  });
});

test('a request for embeddings has every field of OpenAI’s SDK, and no other', () => {
  const theirs = propertiesOf('EmbeddingCreateParams', 'embeddings.d.ts');
  expect(Object.keys(embeddingsRequestSchema.shape).toSorted()).toEqual(theirs.toSorted());
});
