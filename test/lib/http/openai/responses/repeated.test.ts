import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { makeResponsesApp } from '../../../../fixtures/responses-app.ts';

const input = 'What is the weather?';
const repeated = { headers: { 'idempotency-key': 'order-1' } };

/** The status of an answer, whether it is replayed, and the JSON of its body or of its events. */
const toldBy = async (answer: Response | undefined) => ({
  status: answer?.status,
  replayed: answer?.headers.get('idempotent-replayed'),
  body: ((await answer?.text()) ?? '')
    .split('\n')
    .filter((line) => /^(data: )?\{/.test(line))
    .map((line) => JSON.parse(line.replace(/^data: /, ''))),
});

/** Asks without the SDK, which throws what it is refused. */
const asker =
  ({ app }: ReturnType<typeof makeResponsesApp>) =>
  async (body: object) =>
    toldBy(
      await app.request('http://127.0.0.1/v1/responses', {
        method: 'POST',
        headers: { ...repeated.headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );

describe.each([false, true])('a repeated request for a response, streamed: %j', (stream) => {
  test('is refused as long as the first one is under way, and is one run', async () => {
    const goOn = Promise.withResolvers<void>();
    const made = makeResponsesApp(async () => {
      await goOn.promise;
      return [{ text: 'Layers.' }];
    });
    const ask = asker(made);
    const first = ask({ input, stream });
    const again = await Promise.all([ask({ input, stream }), ask({ input, stream })]);
    for (const { status, body } of again) {
      expect(status).toBe(409);
      expect(body).toMatchObject([{ error: { code: 'run_in_progress' } }]);
    }
    goOn.resolve();
    expect(await first).toMatchObject({ status: 200, replayed: null });
    expect(await ask({ input, stream })).toMatchObject({
      ...{ status: 200, replayed: 'true', body: (await first).body },
    });
    expect([made.tasks.length, made.world.runs.runs.size]).toEqual([1, 1]);
  });

  test('has the failure of the first one, in the shape of this API', async () => {
    const made = makeResponsesApp(() => ({
      steps: [],
      changes: { status: 'failed', text: null, error: { code: 'model_not_found', message: 'no such model' } },
    }));
    const ask = asker(made);
    const [first, again] = [await ask({ input, stream }), await ask({ input, stream })];
    expect([first.status, again.status, again.replayed]).toEqual([404, 404, 'true']);
    expect(again.body).toEqual(first.body);
    expect(again.body).toMatchObject([{ error: { code: 'model_not_found' } }]);
    expect(made.tasks).toHaveLength(1);
  });

  test('goes on from its previous response once, and is refused with another one or with other instructions', async () => {
    const { openai, tasks } = makeResponsesApp();
    const [one, other] = [await openai.responses.create({ input }), await openai.responses.create({ input })];
    const body = { input: 'And now?', stream, instructions: 'Be short.', previous_response_id: one.id };
    for (let time = 0; time < 2; time++) await openai.responses.create(body, repeated).asResponse();
    expect(tasks).toHaveLength(3);
    for (const change of [
      { previous_response_id: other.id },
      { previous_response_id: null },
      { instructions: 'Be long.' },
      { instructions: null },
      { include: ['reasoning.encrypted_content' as const] },
      { reasoning: { effort: 'low' as const } },
    ]) {
      const changed = openai.responses.create({ ...body, ...change }, repeated);
      await expect(changed).rejects.toBeInstanceOf(OpenAI.UnprocessableEntityError);
      await expect(changed).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    }
    expect(tasks).toHaveLength(3);
  });
});

test('a key of a response is not that of a chat completion of the same messages', async () => {
  const { openai, tasks } = makeResponsesApp();
  await openai.responses.create({ input, max_output_tokens: 50 }, repeated);
  const chat = openai.chat.completions.create(
    { model: 'gpt-6-luna', messages: [{ role: 'user', content: input }], max_tokens: 50 },
    repeated,
  );
  await expect(chat).rejects.toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  expect(tasks).toHaveLength(1);
});
