import type { Trace } from '../../../lib/runs/generation.ts';
import { seededRandom } from '../../../local/model/random.ts';
import { type Child, startChild } from '../child.ts';
import { startStack } from '../files/stack.ts';
import type { BareAnswer, BareQuestion } from '../truth/path/bare-stream.ts';
import { shuffled } from '../truth/random-order.ts';
import type { ServerOptions, ServerQuestion } from '../truth/server-process.ts';
import type { Truth } from '../truth/truth-server.ts';
import { type Observed, observe, runIdOf } from './observe.ts';
import { PROVIDER, SCENARIO, WAY_NAMES, WAYS, type WayName } from './ways.ts';

/** `requests` of a way come one after another in each round; `rate` is in tokens a second. */
export type RelayOptions = {
  rounds: number;
  requests: number;
  tokens: number;
  rate: number;
  dataDir: string;
};

/** One request of a way. */
export type Sample = Observed & { way: WayName; round: number };

const SEED = 1;
/** Of each way, before the first round: they load and compile what is loaded and compiled once. */
const WARM_UPS = 20;

type Rig = {
  server: Child<ServerQuestion, unknown>;
  client: Child<BareQuestion, BareAnswer>;
  hosts: Record<(typeof WAYS)[WayName]['to'], string>;
};

/**
 * Sends the same requests by every way, one after another: directly to a paced model server, through a proxy, and through
 * everytoken on the local stack. Model server, proxy, stack and client have processes of their own. The ways' order is
 * random in each round; the first request of a turn, which opens connections, is not counted.
 */
export const measure = async (
  options: RelayOptions,
  onTurn: (round: number, way: WayName) => void,
): Promise<Sample[]> => {
  const closers: (() => Promise<void>)[] = [];
  const child = <Question extends object, Answer>(file: URL, argument: object) => {
    const started = startChild<Question, Answer>(file, JSON.stringify(argument));
    closers.push(() => started.end());
    return started;
  };
  try {
    const { tokens, rate, dataDir } = options;
    const server = child<ServerQuestion, unknown>(new URL('../truth/server-process.ts', import.meta.url), {
      tokens,
      rate,
      first: true,
    } satisfies ServerOptions);
    const url = String(await server.ask({ address: true }));
    const models = new URL(url).host;
    const proxy = child<object, string>(new URL('proxy-process.ts', import.meta.url), { host: models });
    const client = child<BareQuestion, BareAnswer>(
      new URL('../truth/path/bare-client.ts', import.meta.url),
      {},
    );
    const stack = await startStack(dataDir, {
      PROVIDERS: JSON.stringify({ [PROVIDER]: { base_url: url, api_key: 'none' } }),
    });
    closers.push(() => stack.end());
    const hosts = { models, proxy: await proxy.ask({}), everytoken: new URL(stack.file.api).host };
    return await takeAll({ server, client, hosts }, options, onTurn);
  } finally {
    for (const close of closers.toReversed()) await close();
  }
};

const takeAll = async (
  rig: Rig,
  { rounds, requests }: RelayOptions,
  onTurn: (round: number, way: WayName) => void,
): Promise<Sample[]> => {
  const random = seededRandom(SEED);
  const samples: Sample[] = [];
  let key = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const way of shuffled(WAY_NAMES, random)) {
      onTurn(round, way);
      const count = round === 0 ? WARM_UPS : requests;
      for (let at = 0; at <= count; at++) {
        const observed = await send(way, key++, rig);
        if (round > 0 && at > 0) samples.push({ ...observed, way, round });
      }
    }
  }
  return samples;
};

const send = async (way: WayName, key: number, { server, client, hosts }: Rig): Promise<Observed> => {
  const { to, path, body } = WAYS[way];
  const model = to === 'everytoken' ? `${PROVIDER}/${SCENARIO}` : SCENARIO;
  const answer = await client.ask({ host: hosts[to], path, body: JSON.stringify(body(model, key)) });
  const id = runIdOf(answer);
  const trace = id === undefined ? undefined : await readTrace(hosts[to], id);
  const [truth] = (await server.ask({ take: [key] })) as Truth[];
  if (!truth) throw new Error(`the model server has no truth of stream ${key}`);
  return observe(way, answer, truth, trace);
};

const readTrace = async (host: string, id: string): Promise<Trace> => {
  const response = await fetch(`http://${host}/runs/${id}/generations/0/trace`);
  if (!response.ok) throw new Error(`the trace of ${id}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Trace;
};
