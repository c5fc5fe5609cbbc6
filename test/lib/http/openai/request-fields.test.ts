import { readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';
import { expect, test } from 'vitest';
import { chatRequestSchema } from '../../../../lib/http/openai/chat-request-schema.ts';
import { OPENAI_FIELDS, OWN_FIELDS } from '../../../../lib/http/openai/request-fields.ts';
import { runRequestSchema } from '../../../../lib/runs/request-schema.ts';

const SDK = '../../../../node_modules/openai/resources/chat/completions/completions.d.ts';

/** The names of an interface's properties in the types of OpenAI's SDK. */
const propertiesOf = (name: string): string[] => {
  const source = readFileSync(new URL(SDK, import.meta.url), 'utf8');
  return parseSync(source, { syntax: 'typescript' })
    .body.map((item) => (item.type === 'ExportDeclaration' ? item.declaration : item))
    .filter((item) => item.type === 'TsInterfaceDeclaration')
    .filter(({ id }) => id.value === name)
    .flatMap(({ body }) => body.body)
    .flatMap((member) =>
      member.type === 'TsPropertySignature' && member.key.type === 'Identifier' ? [member.key.value] : [],
    );
};

test('every field of a request in OpenAI’s SDK is decided, and no other', () => {
  const theirs = propertiesOf('ChatCompletionCreateParamsBase');
  expect(theirs.length).toBeGreaterThan(30);
  expect(Object.keys(OPENAI_FIELDS).toSorted()).toEqual(theirs.toSorted());
});

test('every field of a run is a field of OpenAI’s or decided as everytoken’s own', () => {
  const theirs = Object.keys(OPENAI_FIELDS);
  const decided = Object.keys(runRequestSchema.shape).filter((name) => !theirs.includes(name));
  expect(Object.keys(OWN_FIELDS)).toEqual(expect.arrayContaining(decided));
});

test('the schema of a request has every field that is not refused, and no other', () => {
  const taken = Object.entries({ ...OPENAI_FIELDS, ...OWN_FIELDS })
    .filter(([, { is }]) => is !== 'refused')
    .map(([name]) => name);
  expect(Object.keys(chatRequestSchema.shape).toSorted()).toEqual(taken.toSorted());
});

test('a field is carried only under a name that a run has', () => {
  const carried = Object.entries({ ...OPENAI_FIELDS, ...OWN_FIELDS }).filter(
    ([, { is }]) => is === 'carried',
  );
  for (const [name] of carried) expect(runRequestSchema.shape).toHaveProperty(name);
});
