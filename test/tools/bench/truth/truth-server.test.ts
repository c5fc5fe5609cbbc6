import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAnswerReader } from '../../../../lib/adapters/openai/answer-reader.ts';
import { monotonicMs } from '../../../../local/openai/pace.ts';
import { SCENARIO_NAMES } from '../../../../tools/bench/truth/stream-plan.ts';
import {
  delayUntil,
  startTruthServer,
  type TruthServer,
} from '../../../../tools/bench/truth/truth-server.ts';
import { readCompletion } from './read-completion.ts';

let server: TruthServer;
beforeAll(async () => {
  server = await startTruthServer({ tokens: 12, rate: 1_000 });
});
afterAll(() => server.close());

const ask = (body: Record<string, unknown>) =>
  fetch(`${server.url}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });

const prompt = (content: unknown) => [{ role: 'user', content }];

test.each(SCENARIO_NAMES)(
  '%s: the recorded emissions are the ones sent, each between request and end',
  async (model) => {
    const asked = monotonicMs();
    const response = await ask({ model, messages: prompt('41'), stream: true });
    const read = readCompletion(await response.text());
    const ended = monotonicMs();
    const [truth] = server.take([41]);
    if (!truth) throw new Error('no truth');
    const { emissions, text } = truth;
    expect(truth).toMatchObject({ key: 41, scenario: model, visibleTokens: 12 });
    expect(read).toMatchObject({ text, usage: 12 + truth.reasoningTokens, done: true });
    expect(emissions.at(-1)).toMatchObject({ chars: text.length, tokens: 12 });
    const instants = [asked, ...emissions.map(({ at }) => at), ended];
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(() => server.take([41])).toThrow('stream 41');
  },
);

test.each(SCENARIO_NAMES)(
  '%s: a stream of the Responses API has the same text, read to its end',
  async (model) => {
    const body = { model, input: prompt('43'), stream: true };
    const response = await fetch(`${server.url}/responses`, { method: 'POST', body: JSON.stringify(body) });
    const reader = makeAnswerReader(0, { endpoint: 'responses', onError: () => new Error('an error') });
    for await (const part of response.body ?? []) reader.feed(part, 1);
    const [truth] = server.take([43]);
    expect(reader.done).toBe(true);
    expect(reader.answer(model)).toMatchObject({
      text: truth?.text,
      usage: {
        completion_tokens: 12 + (truth?.reasoningTokens ?? 0),
        reasoning_tokens: truth?.reasoningTokens,
      },
    });
  },
);

test('no delay ends before it is due, so that writes which are due together are together', async () => {
  for (let tries = 0; tries < 20; tries++) {
    const dueMs = monotonicMs() + 1.9;
    await delayUntil(dueMs);
    expect(monotonicMs()).toBeGreaterThanOrEqual(dueMs);
  }
});

test('the instant of a write is before its arrival at the reader, and in the order of the plan', async () => {
  const response = await ask({ model: 'slow-tail', messages: prompt('42'), stream: true });
  let text = '';
  let last = 0;
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    const before = readCompletion(text).text.length;
    text += decoder.decode(part, { stream: true });
    if (readCompletion(text).text.length > before) last = monotonicMs();
  }
  const [truth] = server.take([42]);
  const [before, after] = truth?.emissions.slice(-2) ?? [];
  if (!before || !after) throw new Error('too few emissions');
  expect(after.at).toBeGreaterThan(before.at);
  expect(last).toBeGreaterThan(after.at);
});

test('a request without streaming gets the same text and usage whole', async () => {
  const response = await ask({ model: 'reasoning', messages: prompt([{ type: 'text', text: '43' }]) });
  const answer = JSON.parse(await response.text());
  const [truth] = server.take([43]);
  expect(answer.choices[0].message.content).toBe(truth?.text);
  expect(answer.usage).toMatchObject({
    completion_tokens: 24,
    completion_tokens_details: { reasoning_tokens: 12 },
  });
  expect(truth?.emissions).toHaveLength(12);
});

test('an unknown scenario, a prompt without a number and a body without JSON are 400', async () => {
  for (const body of [
    { model: 'calm', messages: prompt('1') },
    { model: 'steady', messages: prompt('hello') },
    { model: 'steady' },
  ]) {
    expect((await ask(body)).status).toBe(400);
  }
  expect((await fetch(`${server.url}/chat/completions`, { method: 'POST', body: 'no' })).status).toBe(400);
});
