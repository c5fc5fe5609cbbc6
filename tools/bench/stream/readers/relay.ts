import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { systemClock } from '../../../../lib/adapters/system.ts';
import { makeChatChunks } from '../../../../lib/http/openai/chat-chunks.ts';
import { makeChatRelay } from '../../../../lib/http/openai/chat-stream.ts';
import { makeRunRelay, type RunRelay } from '../../../../lib/http/runs/relay.ts';
import type { RunView } from '../../../../lib/runs/view.ts';
import type { MakeReader } from '../reader.ts';
import { charsOf, makeGenerate } from './everytoken.ts';

/** As lib/http/generate-app.ts has them. */
const LIMITS = { maxUnsentBytes: 1024 * 1024, commentMs: 15_000 };

const RUN: RunView = {
  ...{ id: 'run_01kbench000000000000000000', object: 'run', status: 'generating' },
  ...{ created_at: '2026-12-01T00:00:00.000Z', model: 'short', models: ['short'], store: true },
  ...{ prompt: null, messages: null, metadata: {}, conversation: null, previous_run: null },
  ...{ generations: [], diversity: null, checks: null, cost_usd: null, error: null },
  usage: { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null },
};

const CHAT = {
  ...{ count: 1, includeUsage: true, includeObfuscation: false, tellTier: false, asFunctions: false },
};

const RELAYS = {
  runs: () => ({ relay: makeRunRelay(LIMITS, systemClock), begins: Promise.resolve() as Promise<unknown> }),
  // Its stream begins with the first output, so that an earlier failure gets a status of its own.
  chat: () => {
    const relay = makeChatRelay(CHAT, LIMITS, makeChatChunks);
    return { relay, begins: relay.hasOutput as Promise<unknown> };
  },
} satisfies Record<string, () => { relay: RunRelay; begins: Promise<unknown> }>;

/** A generation whose tokens are sent on as they come, as the routes do it that stream. */
export const makeRelayReader =
  (door: keyof typeof RELAYS): MakeReader =>
  (addresses) => {
    const generate = makeGenerate(addresses);
    const agent = new Agent({ keepAlive: true });
    return async (shape) => {
      const { relay, begins } = RELAYS[door]();
      const { listener } = relay;
      const generating = generate(shape, {
        onChunk: (chunk, t0) => listener.onChunk(0, chunk, t0),
        onCall: (begun) => listener.onCall?.(0, begun),
        onFinish: (finish) => listener.onFinish?.(0, finish),
      });
      await Promise.race([begins, generating]);
      const sent = sendOn(relay.begin(RUN), addresses.sink, agent);
      const generation = await generating;
      listener.onGeneration(generation);
      relay.complete({ ...RUN, status: 'completed', generations: [generation] });
      await sent;
      return charsOf(generation);
    };
  };

/** Writes a body as lib/adapters/lambda/stream.ts does, into a request, as the runtime of Lambda sends it. */
const sendOn = async (body: ReadableStream<Uint8Array>, sink: string, agent: Agent): Promise<void> => {
  const to = request(sink, { method: 'POST', agent });
  const answered = once(to, 'response');
  const reader = body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read())
    if (!to.write(Buffer.from(read.value))) await once(to, 'drain');
  to.end();
  const [response] = await answered;
  response.resume();
};
