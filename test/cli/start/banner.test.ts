import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../../cli/command.ts';
import {
  exportFor,
  showDemoHeadline,
  shownPath,
  showServices,
  showVariables,
} from '../../../cli/start/banner.ts';
import { makeScreen, type Screen } from '../../../cli/terminal/screen.ts';

const local = { openai: undefined, embeddings: undefined, pinecone: undefined, aws: [] };

const printed = (show: (screen: Screen) => void): string[] => {
  let text = '';
  show(makeScreen({ write: (piece) => (text += piece) }, {}));
  return text.trimEnd().split('\n');
};

test('an all-local demo has one headline that names the local model', () => {
  expect(printed((screen) => showDemoHeadline(screen, local, 90))).toEqual([
    'everytoken demo · local n-gram model, not an LLM · pace simulated at 90 tokens/s',
  ]);
  expect(printed((screen) => showDemoHeadline(screen, local, 0))).toEqual([
    'everytoken demo · local n-gram model, not an LLM · unpaced',
  ]);
});

test("the user's own services are listed, with a note on their cost and without a password", () => {
  const outside = {
    ...local,
    openai: 'https://me:secret@api.openai.com/v1',
    pinecone: 'https://api.pinecone.io',
  };
  const [first, ...rest] = printed((screen) => showDemoHeadline(screen, outside, 90));
  expect(first).toBe('everytoken demo · model at api.openai.com');
  expect(rest).toContain('pinecone     https://api.pinecone.io/');
  expect(rest).toContain('aws          local');
  expect(rest.join(' ')).toMatch(/may charge you/);
  expect(rest.join(' ')).not.toContain('secret');
});

test('each part is named as local or as the user’s own', () => {
  const lines = printed((screen) => showServices(screen, { ...local, aws: ['AWS_ENDPOINT_URL_S3'] }));
  expect(lines).toEqual([
    'model        local n-gram model (everytoken-ngram), not an LLM',
    'embeddings   local sentence encoder (everytoken-use)',
    'pinecone     local, exact cosine',
    'aws          AWS_ENDPOINT_URL_S3; the rest local',
  ]);
});

test('each variable that is set has one line with its effect, and a secret shows no value', () => {
  const lines = printed((screen) =>
    showVariables(screen, { PORT: '3001', OPENAI_API_KEY: 'sk-secret', PATH: '/bin', NO_COLOR: '1' }),
  );
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^variables {4}PORT=3001 · port of the API/);
  expect(lines[1]).toMatch(/^ {13}OPENAI_API_KEY is set · key of OpenAI/);
  expect(lines.join()).not.toContain('sk-secret');
});

test('commands in a new shell are told the data folder unless they find it by themselves', () => {
  expect(exportFor(join(ROOT, '.everytoken'), { EVERYTOKEN_DATA_DIR: '.everytoken' })).toBeUndefined();
  expect(exportFor(join(ROOT, '.mine'), {})).toBe('export EVERYTOKEN_DATA_DIR=.mine');
  expect(exportFor("/tmp/it's mine", {})).toBe("export EVERYTOKEN_DATA_DIR='/tmp/it'\\''s mine'");
  expect(shownPath('/elsewhere')).toBe('/elsewhere');
});
