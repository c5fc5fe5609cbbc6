import { afterEach, describe, expect, test } from 'vitest';
import { makeAnswerReader } from '../../../../lib/adapters/openai/answer-reader.ts';
import { makeOpenAIModel } from '../../../../lib/adapters/openai/model.ts';
import { systemClock } from '../../../../lib/adapters/system.ts';
import type { Deadlines } from '../../../../lib/generate/model.ts';
import { EVENT_STREAM, startModelServer } from './model-server.ts';
import { itemEvents, responseEvent, textDelta } from './responses-stream.ts';

const LONG: Deadlines = { firstTokenMs: 60_000, idleMs: 60_000, totalMs: 60_000 };
const summary = (delta: string): string =>
  responseEvent({
    ...{ type: 'response.reasoning_summary_text.delta', output_index: 1, item_id: 'rs_1', summary_index: 0 },
    delta,
  });

let server: Awaited<ReturnType<typeof startModelServer>> | undefined;
afterEach(() => server?.close());

/** The error of a request to a server that begins so, and then sends parts of a summary without end. */
const failureAfter = async (begin: string, deadlines: Partial<Deadlines>): Promise<unknown> => {
  server = await startModelServer((response) => {
    response.writeHead(200, EVENT_STREAM).write(`${begin}${summary('I think')}`);
    const drip = setInterval(() => response.write(summary(' on')), 5);
    response.on('close', () => clearInterval(drip));
  });
  const model = makeOpenAIModel({ apiKey: 'key', baseURL: server.baseURL, clock: systemClock });
  const request = {
    ...{ model: 'reasoner', endpoint: 'responses' as const, body: { max_output_tokens: 50 } },
    messages: [{ role: 'user', content: 'Explain.' }],
  };
  const { signal } = new AbortController();
  return model.stream(request, { deadlines: { ...LONG, ...deadlines }, signal }).catch((error) => error);
};

describe('a stream of the Responses API whose summaries of reasoning do not end', () => {
  test('has sent no token, and meets the deadline of the first one', async () => {
    expect(await failureAfter('', { firstTokenMs: 80 })).toMatchObject({ code: 'first_token_timeout' });
  });

  test('is not idle after a token, and meets the deadline of the whole', async () => {
    expect(await failureAfter(textDelta('a'), { totalMs: 80 })).toMatchObject({ code: 'total_timeout' });
  });
});

test('every event of the Responses API ends the idleness, and the first payload alone is the first token', () => {
  const reader = makeAnswerReader(0, {
    endpoint: 'responses',
    onError: () => new Error('refused'),
  });
  const events = [
    ...itemEvents({ type: 'reasoning', summary: ['I think.'], encrypted: 'gAAA' }, 0),
    ...itemEvents({ type: 'message', texts: ['Hello'] }, 1),
  ];
  for (const [at, event] of events.entries()) {
    reader.feed(Buffer.from(responseEvent(event)), at + 1);
    expect(reader.lastEventAt).toBe(at + 1);
  }
  const first = events.findIndex(({ type }) => type === 'response.output_text.delta') + 1;
  expect(first).toBeGreaterThan(3);
  expect(reader.marks).toMatchObject({ tR: 1, t1: first, tO: first, tL: first });
});
