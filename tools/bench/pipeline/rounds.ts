import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { Pinecone } from '@pinecone-database/pinecone';
import { lineRunId } from '../../../lib/files/work/line-run.ts';
import { monotonicMs } from '../../../local/openai/pace.ts';
import { awsCredentialsIn } from '../../../local/stack-file.ts';
import { pollUntil } from '../../poll-until.ts';
import { type Clients, clientsOf } from '../files/clients.ts';
import { type Share, sharesBetween } from '../files/generation-part.ts';
import { watchProcesses } from '../files/processes.ts';
import { type Stack, startStack } from '../files/stack.ts';
import { readProfile, sharesOfParts } from '../files/stack-profile.ts';
import {
  CONTENDERS,
  type Contender,
  EMBEDDING_MODEL,
  type ModelServer,
  startPeer,
  variablesOf,
} from './outside-calls.ts';
import { type Peer, PLACE, type Services } from './peers/services.ts';
import { promptFile, requestOf } from './prompts.ts';

/** One turn of a contender: its runs from the first to the last that is stored, and the CPU time of every process. */
export type Turn = {
  contender: Contender;
  runs: number;
  ms: number;
  shares: Share[];
  /** Shares (of 1) of the stack process's CPU time by its parts, in this turn. */
  parts: Map<string, number>;
};

const LIMIT_MS = 60 * 60_000;
const EVERY_MS = 100;
const KEYS_A_READ = 100;
/** Runs of the first round for each job at once: enough that everytoken starts all its workers. */
const WARM_UP = 10;
const PROFILE_EVERY_US = 5_000;

/**
 * Gives every contender a turn of `runs` runs in each round, on the same servers. The first round is not counted: it
 * starts processes and warms them up. `log` gets a line for each turn.
 */
export const measureRounds = async (
  dataDir: string,
  models: ModelServer,
  options: { runs: number; rounds: number; atOnce: number },
  log: (line: string) => void,
): Promise<Turn[]> => {
  const { runs, rounds, atOnce } = options;
  mkdirSync(dataDir, { recursive: true });
  const flags = ['--cpu-prof', `--cpu-prof-dir=${dataDir}`, `--cpu-prof-interval=${PROFILE_EVERY_US}`];
  const stack = await startStack(dataDir, variablesOf(models), flags);
  const clients = clientsOf(stack.file);
  const children = new Map<Peer, ReturnType<typeof startPeer>>();
  const names = new Map([
    [models.pid, 'model server'],
    [process.pid, 'this benchmark'],
  ]);
  const watch = watchProcesses([stack.pid], [models.pid, process.pid]);
  const turns: (Turn & { fromMs: number; toMs: number })[] = [];
  const vectors = await makeVectorCount(stack);
  let next = 0;
  try {
    for (let round = 0; round <= rounds; round += 1) {
      // Each begins a round as often as the others.
      const order = CONTENDERS.map((_, at) => CONTENDERS[(at + round) % CONTENDERS.length] as Contender);
      // The peers need the index, which everytoken creates at its first use.
      for (const contender of round === 0 ? CONTENDERS : order) {
        const many = round === 0 ? Math.min(runs, WARM_UP * atOnce) : runs;
        const first = next;
        next += many;
        const child =
          contender === 'everytoken' ? undefined : await peerOf(contender, children, stack, models);
        if (child && contender !== 'everytoken') names.set(child.pid, contender);
        const look = () => [...watch.seen(), ...(child ? [child.figures()] : [])];
        const before = look();
        const fromMs = monotonicMs();
        if (child) await child.ask({ first, runs: many, atOnce });
        else await runFile({ first, runs: many }, stack, clients, vectors);
        const toMs = monotonicMs();
        const shares = sharesBetween(before, look(), names);
        if (round > 0)
          turns.push({ contender, runs: many, ms: toMs - fromMs, shares, parts: new Map(), fromMs, toMs });
        log(`round ${round}, ${contender}: ${((many * 1_000) / (toMs - fromMs)).toFixed(1)} runs a second`);
      }
    }
    clients.destroy();
    await stack.end();
    const profile = readProfile(dataDir, stack.pid);
    return turns.map(({ fromMs, toMs, ...turn }) => ({
      ...turn,
      parts: profile ? sharesOfParts(profile, { fromMs, toMs }) : turn.parts,
    }));
  } finally {
    watch.end();
    clients.destroy();
    await Promise.all([...children.values()].map((child) => child.end()));
    await stack.kill();
  }
};

/** The program of a peer, started at its first turn. */
const peerOf = async (
  peer: Peer,
  children: Map<Peer, ReturnType<typeof startPeer>>,
  { file }: Stack,
  { url, model }: ModelServer,
) => {
  const { credentials } = awsCredentialsIn(file);
  if (!credentials) throw new Error('this benchmark needs the local AWS services');
  const services: Services = {
    ...{ openai: url, model, embeddingModel: EMBEDDING_MODEL, credentials },
    ...{ pinecone: { url: file.pinecone, apiKey: file.credentials.pinecone ?? '' } },
    ...{ dynamodb: file.dynamodb, s3: file.s3, table: file.table ?? '' },
    bucket: Object.values(file.buckets)[0] ?? '',
  };
  const child = children.get(peer) ?? startPeer(peer, services);
  children.set(peer, child);
  const { pid } = await child.ask({ first: 0, runs: 0, atOnce: 1 });
  return { ask: child.ask, pid, figures: () => figuresOf(pid) };
};

const figuresOf = (pid: number) => {
  const watch = watchProcesses([], [pid]);
  const [figures] = watch.seen();
  watch.end();
  if (!figures) throw new Error('this benchmark needs /proc, which Linux has');
  return figures;
};

type VectorCount = () => Promise<number>;

/** Counts the vectors of all namespaces but that of the peers. It asks little of the stack. */
const makeVectorCount = async ({ file }: Stack): Promise<VectorCount> => {
  const client = new Pinecone({ apiKey: file.credentials.pinecone ?? '', controllerHostUrl: file.pinecone });
  return async () => {
    const { indexes = [] } = await client.indexes.list();
    const found = indexes.find(({ name }) => name === PLACE.index);
    if (!found) return 0;
    const { namespaces = {} } = await client.index({ host: found.host }).describeIndexStats();
    const own = Object.entries(namespaces).filter(([name]) => name !== PLACE.namespace);
    return own.reduce((sum, [, { recordCount }]) => sum + recordCount, 0);
  };
};

/** Puts a prompt file into the bucket, and waits until each of its runs is `completed`. */
const runFile = async (
  { first, runs }: { first: number; runs: number },
  { file }: Stack,
  { put, bucket, dynamodb, table }: Clients,
  vectors: VectorCount,
): Promise<void> => {
  const key = `prompts/@local/${first}.jsonl`;
  const before = await vectors();
  await put(key, promptFile(first, runs));
  await pollUntil(
    'the vectors of all outputs',
    async () => (await vectors()) >= before + runs,
    LIMIT_MS,
    EVERY_MS,
  );
  const ids = Array.from({ length: runs }, (_, at) =>
    lineRunId(bucket, { key }, { body: requestOf(first + at), occurrence: 0 }),
  );
  const statusesOf = async (some: string[]) => {
    const Keys = some.map((id) => ({ pk: { S: `RUN#${id}` }, sk: { S: 'RUN' } }));
    const { Responses = {} } = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
    );
    return (Responses[table] ?? []).map(({ status }) => status?.S);
  };
  for (let at = 0; at < runs; at += KEYS_A_READ) {
    const some = ids.slice(at, at + KEYS_A_READ);
    await pollUntil(
      `${some.length} runs of ${join(file.api, key)} to be completed`,
      async () => {
        const statuses = await statusesOf(some);
        if (statuses.includes('failed')) throw new Error('a run of the file failed; see stack.log');
        return statuses.filter((status) => status === 'completed').length === some.length;
      },
      LIMIT_MS,
      EVERY_MS,
    );
  }
};
