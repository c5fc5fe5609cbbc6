import { afterAll, expect, test } from 'vitest';
import { makeOpenAIModel } from '../../../../lib/adapters/openai/model.ts';
import { systemClock } from '../../../../lib/adapters/system.ts';
import { EverytokenError } from '../../../../lib/errors.ts';
import type { ModelAnswer } from '../../../../lib/generate/model.ts';
import { calledWith } from '../../../../lib/runs/tool-call.ts';
import { drawModelAnswer } from '../../../../tools/soak/fuzz/draw-model-answer.ts';
import { startModelServer } from '../../../lib/adapters/openai/model-server.ts';

const SEED = 20261129;
const ANSWERS = 1_000;
const LANES = 4;

const server = await startModelServer((response, { body }) => {
  const answer = drawModelAnswer(SEED, Number(body.seed));
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
});
afterAll(() => server.close());

const model = makeOpenAIModel({ apiKey: 'key', baseURL: server.baseURL, clock: systemClock });
const deadlines = { firstTokenMs: 5_000, idleMs: 5_000, totalMs: 5_000 };

const ask = async (number: number): Promise<Pick<ModelAnswer, 'text' | 'toolCalls'> | { error: unknown }> => {
  const request = { model: 'odd-1', messages: [{ role: 'user', content: 'Hi' }], body: { seed: number } };
  try {
    return await model.stream(request, { deadlines, signal: new AbortController().signal });
  } catch (error) {
    return { error };
  }
};

test('a drawn answer is read whole or fails by name, and is never less than was sent', async () => {
  const wrong: string[] = [];
  const ends = new Map<string, number>();
  const numbers = Array.from({ length: ANSWERS }, (_, number) => number);
  const lane = async () => {
    for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
      const { kind, end, text, calls, body } = drawModelAnswer(SEED, number);
      const asked = await ask(number);
      const got = 'error' in asked ? 'failed' : 'completed';
      ends.set(`${kind}: ${got}`, (ends.get(`${kind}: ${got}`) ?? 0) + 1);
      const complain = (what: string) => wrong.push(`${number} (${kind}): ${what}\n${body.toString()}`);
      if ('error' in asked && !(asked.error instanceof EverytokenError)) complain(`threw ${asked.error}`);
      if (end !== 'either' && got !== end) complain(`${got}, not ${end}: ${Object.values(asked)}`);
      if ('text' in asked && text !== undefined && asked.text !== text)
        complain(`${JSON.stringify(asked.text)} for ${JSON.stringify(text)}`);
      const read = 'text' in asked ? asked.toolCalls.map(calledWith) : [];
      if (calls && JSON.stringify(read) !== JSON.stringify(calls))
        complain(`the calls ${JSON.stringify(read)} for ${JSON.stringify(calls)}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  console.log(
    [...ends]
      .sort()
      .map((each) => each.join(' '))
      .join('\n'),
  );
  expect(wrong.slice(0, 5).join('\n'), `${wrong.length} answers, seed ${SEED}`).toBe('');
}, 60_000);
