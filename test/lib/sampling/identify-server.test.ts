import { describe, expect, test } from 'vitest';
import { UpstreamError } from '../../../lib/errors.ts';
import { kindOfList, type ListedModel, makeIdentify } from '../../../lib/sampling/identify-server.ts';
import { makeServer } from '../../../lib/sampling/server.ts';

const listed = (...owners: (string | null)[]): ListedModel[] =>
  owners.map((ownedBy, at) => ({ id: `m${at}`, ownedBy, shutdownDate: null }));
const SOMEWHERE = 'http://127.0.0.1:8000/v1';

test.each([
  [['vllm'], 'vllm'],
  [['llamacpp', null], 'llama.cpp'],
  [['library', 'library'], 'ollama'],
  [['everytoken'], 'everytoken'],
  [['library', 'me'], undefined],
  [['vllm', 'library'], undefined],
  [['openai'], undefined],
  [['constructor'], undefined],
  [[null], undefined],
  [[], undefined],
])('a list of models owned by %j comes from %s', (owners, kind) => {
  expect(kindOfList(listed(...owners))).toBe(kind);
});

describe('identifying a server', () => {
  const watched = (answers: (() => ListedModel[])[]) => {
    let asked = 0;
    const list = async () => (answers[asked++] ?? (() => []))();
    return { list, asked: () => asked };
  };
  const fails = (): ListedModel[] => {
    throw new UpstreamError('openai', 'down');
  };

  test('sends one request for concurrent callers', async () => {
    const server = makeServer(SOMEWHERE);
    const { list, asked } = watched([() => listed('library')]);
    const identify = makeIdentify(server, list, () => 0);
    await Promise.all([identify('a'), identify('b')]);
    await identify('c');
    expect([asked(), server.kind]).toEqual([1, 'ollama']);
  });

  test('sends no request when the host, the configuration or the model gives the kind', async () => {
    const { list, asked } = watched([]);
    await makeIdentify(makeServer('https://api.groq.com/openai/v1'), list, () => 0)('llama');
    await makeIdentify(makeServer(SOMEWHERE, { kind: 'vllm' }), list, () => 0)('llama');
    await makeIdentify(makeServer(SOMEWHERE, { kind: 'other' }), list, () => 0)('llama');
    await makeIdentify(makeServer(SOMEWHERE), list, () => 0)('everytoken-ngram');
    expect(asked()).toBe(0);
  });

  test('leaves a server that does not answer unknown, and retries after a minute', async () => {
    let now = 0;
    const server = makeServer(SOMEWHERE);
    const { list, asked } = watched([fails, () => listed('vllm')]);
    const identify = makeIdentify(server, list, () => now);
    await identify('a');
    now = 59_999;
    await identify('a');
    expect([asked(), server.kind]).toEqual([1, undefined]);
    now = 60_000;
    await identify('a');
    expect([asked(), server.kind]).toEqual([2, 'vllm']);
  });

  test('does not retry after a list without known owners', async () => {
    const server = makeServer(SOMEWHERE);
    const { list, asked } = watched([() => listed('someone')]);
    const identify = makeIdentify(server, list, () => 1e12);
    await identify('a');
    await identify('a');
    expect([asked(), server.kind]).toEqual([1, undefined]);
  });
});
