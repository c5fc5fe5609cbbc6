import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import type { RunListener } from '../../../../../lib/lifecycle/outputs.ts';
import type { RunView } from '../../../../../lib/runs/view.ts';
import { answered, endsAs, goesOn, makeChatApp, model, tell } from '../../../../fixtures/chat-app.ts';
import { deferred } from '../../../../fixtures/http.ts';
import { begunRun, failedRun, generationView } from '../../../../fixtures/run-view.ts';

const request = { model, input: 'Explain neural nets.', stream: true as const };

/** Reads a stream to its end: the types of its events, its text, and the error that it ended with. */
const readAll = async (stream: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>) => {
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  let error: unknown;
  try {
    for await (const event of stream) events.push(event);
  } catch (caught) {
    error = caught;
  }
  const text = events
    .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
    .join('');
  return { events, text, error, last: events.at(-1)?.type };
};

/** A stream whose first text has been sent; `listener` and `resolve` go on with its run. */
const begunStream = async () => {
  const { promise: done, resolve } = deferred<RunView>();
  let listener: RunListener | undefined;
  const { openai } = makeChatApp((own) => {
    listener = own;
    tell(own, 'Lay');
    return { kind: 'started', run: begunRun(), done };
  });
  const stream = await openai.responses.create(request);
  if (!listener) throw new Error('nothing listens');
  return { stream, listener, resolve };
};

describe('a streamed response', () => {
  test('that is retried before anything was sent shows the final attempt alone', async () => {
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'void');
      listener.onRestart(0, 2);
      tell(listener, 'Layers.');
      return endsAs(answered('Layers.'));
    });
    const { text, last } = await readAll(await openai.responses.create(request));
    expect([text, last]).toEqual(['Layers.', 'response.completed']);
  });

  test('that is retried after something was sent ends with an error that says where to read it', async () => {
    const { stream, listener, resolve } = await begunStream();
    listener.onRestart(0, 2);
    tell(listener, 'Other.');
    resolve(answered('Other.'));
    const { text, error } = await readAll(stream);
    expect(text).toBe('Lay');
    expect(error).toMatchObject({
      code: 'incomplete_output',
      message: expect.stringContaining('/runs/run_0'),
    });
  });

  test('whose committed output is another one than was sent is not passed off as it', async () => {
    const { stream, resolve } = await begunStream();
    resolve(answered('Something else.'));
    expect((await readAll(stream)).error).toMatchObject({ code: 'incomplete_output' });
  });

  test('of which nothing was told has the committed output', async () => {
    const { openai } = makeChatApp(() => endsAs(answered('Layers.')));
    const { text, last } = await readAll(await openai.responses.create(request));
    expect([text, last]).toEqual(['Layers.', 'response.completed']);
  });

  test('that fails after something was sent ends with response.failed', async () => {
    const { stream, resolve } = await begunStream();
    resolve(failedRun('idle_timeout'));
    const { events } = await readAll(stream);
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error', message: 'it ended with idle_timeout' } },
    });
  });

  test('that fails before anything was sent has the status of its failure', async () => {
    const { openai } = makeChatApp(() => endsAs(failedRun('model_not_found')));
    await expect(openai.responses.create(request)).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  test('ends its items as soon as the model has ended, before the run is saved', async () => {
    const { stream, listener, resolve } = await begunStream();
    tell(listener, 'ers.');
    listener.onFinish?.(0, { finishReason: 'stop', model });
    const seen: string[] = [];
    for await (const event of stream) {
      seen.push(event.type);
      if (event.type === 'response.output_item.done') resolve(answered('Layers.'));
    }
    expect(seen.slice(-2)).toEqual(['response.output_item.done', 'response.completed']);
  });

  test('that a client reads too slowly ends with an error, and the run goes on', async () => {
    const { openai } = makeChatApp(
      (listener) => {
        tell(listener, 'a'.repeat(50));
        return goesOn();
      },
      { maxUnsentBytes: 10 },
    );
    expect((await readAll(await openai.responses.create(request))).error).toMatchObject({
      code: 'relay_overflow',
    });
  });

  test('whose generation failed among completed runs ends as failed', async () => {
    const error = { code: 'idle_timeout', message: 'it stopped' };
    const { stream, resolve } = await begunStream();
    resolve(
      failedRun('idle_timeout', { generations: [generationView({ status: 'failed', text: null, error })] }),
    );
    expect((await readAll(stream)).last).toBe('response.failed');
  });
});
