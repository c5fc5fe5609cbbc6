import { PutObjectCommand } from '@aws-sdk/client-s3';
import { localAwsClients } from '../../local-aws-clients.ts';
import { pollUntil } from '../../poll-until.ts';
import { type ColdStack, PEERS, peerId } from './cold-stack.ts';

/** Sends an event, and resolves to the time until its answer in ms; null for one that nobody waits for. */
type Send = (stack: ColdStack, id: string) => Promise<number | null>;

/** The functions that an event starts, by their logical ids, and the event. */
export type FirstEvent = { functions: readonly string[]; send: Send };

const PROMPT = 'Explain vector databases in a technical manner.';
const LIMIT_MS = 60_000;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const sentAt = performance.now();
  await work();
  return performance.now() - sentAt;
};

const answered = async (stack: ColdStack, path: string, body?: object): Promise<void> => {
  const response = await fetch(`${stack.aws.api}${path}`, {
    ...(body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${text.slice(0, 300)}`);
};

const request =
  (path: string, body?: object): Send =>
  (stack) =>
    timed(() => answered(stack, path, body));

const invocation =
  (functionId: string, event: (id: string) => object): Send =>
  (stack, id) =>
    timed(() => stack.aws.invoke(functionId, event(id)));

/** A prompt file of one line, from the bucket to its results and the vector of its output. */
const file: Send = async ({ aws }, id) => {
  const { s3, destroy } = localAwsClients(aws, aws);
  const Key = `prompts/@local/${id}.jsonl`;
  await s3.send(
    new PutObjectCommand({
      Bucket: aws.buckets.ContentBucket,
      Key,
      Body: JSON.stringify({ prompt: PROMPT }),
    }),
  );
  destroy();
  await pollUntil(
    `the end of ${Key}`,
    async () => {
      const { data } = (await (await fetch(`${aws.api}/runs?limit=1`)).json()) as {
        data: { status: string }[];
      };
      const files = (await (await fetch(`${aws.api}/files?limit=1`)).json()) as {
        data: { key: string; status: string }[];
      };
      const [last] = files.data;
      return last?.key === Key && last.status === 'completed' && data[0]?.status === 'completed';
    },
    LIMIT_MS,
  );
  return null;
};

/** The first events, in the order in which they are sent. Each function is started by one of them alone. */
export const FIRST_EVENTS: readonly FirstEvent[] = [
  ...PEERS.map((peer) => ({
    functions: [peerId(peer)],
    send: invocation(peerId(peer), (id) => ({ id, prompt: PROMPT })),
  })),
  {
    functions: ['GenerateHttpLambdaFunction'],
    send: request('/runs', { prompt: PROMPT, max_tokens: 100, index: false }),
  },
  { functions: ['SweepLambdaFunction'], send: invocation('SweepLambdaFunction', () => ({})) },
  { functions: ['ReadLambdaFunction'], send: request('/runs?limit=20') },
  { functions: ['ApiLambdaFunction'], send: request('/usage') },
  { functions: ['IntakeLambdaFunction', 'GenerateQueueLambdaFunction', 'EmbedLambdaFunction'], send: file },
];
