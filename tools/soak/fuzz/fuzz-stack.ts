import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { unmarshall } from '../../../lib/adapters/dynamodb/attribute-value.ts';
import type { Ledger } from '../ledger.ts';
import { readState } from '../read-state.ts';
import type { StackClients } from '../stack.ts';
import type { Services } from '../start-services.ts';
import { checkFiles, type FileReport, type StoredFile } from './check-files.ts';
import { checkTexts, type TextReport } from './check-texts.ts';
import { drawFile, type FuzzFile } from './draw-file.ts';
import { fuzzRequests, type RequestReport } from './fuzz-requests.ts';
import { makeStackTarget, untilNothingIsOpen } from './stack-target.ts';

export type FuzzReport = { requests: RequestReport; files: FileReport; texts: TextReport };

type Deps = {
  services: Pick<Services, 'pinecone' | 'setOddAnswers' | 'oddAnswers'>;
  clients: StackClients;
  ledger: Ledger;
  /** The file that the stack's functions log to. */
  log: string;
  say: (text: string) => void;
};

const LANES = 8;
const BATCH = 40;
const MOST_FILES = 100;
/** The share of the requests during which the model server answers oddly. */
const ODD_SHARE = 0.6;
const DOCUMENT = resolve(import.meta.dirname, '../../../docs/openapi.json');
const SEEN_LIMIT_MS = 240_000;
const PROGRESS_MS = 10_000;

/**
 * Fuzzes a stack at rest, first with files, then with requests, while its model server answers oddly, and notes the
 * accepted runs in the ledger.
 */
export const fuzzStack = async (
  { seed, requests, files }: { seed: number; requests: number; files: number },
  deps: Deps,
): Promise<FuzzReport> => {
  const { clients, services } = deps;
  services.setOddAnswers(true);
  const fileReport = await fuzzWithFiles(seed, files, deps);
  const known = (await readFiles(clients)).map(({ id }) => id).slice(-MOST_FILES);
  const requestReport = await fuzzOverHttp(seed, requests, known, deps);
  await noteComparisons(deps);
  const texts = await checkTexts(await readState(clients, services.pinecone), services.oddAnswers);
  return { requests: requestReport, files: fileReport, texts };
};

const fuzzOverHttp = async (
  seed: number,
  requests: number,
  files: string[],
  deps: Deps,
): Promise<RequestReport> => {
  const { clients, services, ledger } = deps;
  const say = throttled(deps.say);
  const target = makeStackTarget(clients, services.pinecone);
  const onBatch = ({ sent, refusalsCompared, broken }: RequestReport) =>
    say(`${sent} requests fuzzed, ${refusalsCompared} refusals compared, ${broken.length} broken`);
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8'));
  try {
    const report = await fuzzRequests(
      {
        ...{ seed, requests, lanes: LANES, batch: BATCH, document, files, onBroken: deps.say, onBatch },
        // A look at the stored state waits for all work to end, which odd answers delay by minutes.
        ...{ mixedFirst: Math.ceil(requests * ODD_SHARE), onCompare: () => services.setOddAnswers(false) },
      },
      target,
    );
    for (const id of report.accepted) ledger.runs.add(id);
    for (const id of report.deleted) ledger.deleted.add(id);
    return report;
  } finally {
    target.close();
  }
};

const fuzzWithFiles = async (seed: number, count: number, deps: Deps): Promise<FileReport> => {
  const { clients, services, ledger, log } = deps;
  const say = throttled(deps.say);
  const files = Array.from({ length: count }, (_, number) => drawFile(seed, number));
  const before = { deadLetters: await deadLettersOf(clients), log: statSync(log).size };
  const waiting = [...files];
  const lane = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await clients.put(file.key, file.bytes);
      say(`${count - waiting.length} files dropped`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await untilAllAreSeen(files, clients, say);
  const { keys, text } = await readState(clients, services.pinecone);
  const report = await checkFiles(files, { files: await readFiles(clients), keys: new Set(keys), text });
  for (const id of report.runs) ledger.runs.add(id);
  const deadLetters = (await deadLettersOf(clients)) - before.deadLetters;
  if (deadLetters !== 0) report.broken.push(`${deadLetters} dead letters`);
  const logged = readFileSync(log).subarray(before.log).toString();
  // An output that the embeddings server refuses fails its message at each attempt, until its run has ended.
  const failed = (logged.match(/.*"event":\s*"message\.failed".*/g) ?? []).filter(
    (line) => !/"function":\s*"embed".*"code":\s*"upstream_error"/.test(line),
  );
  if (failed.length > 0) report.broken.push(`${failed.length} messages failed: ${failed[0]}`);
  const ignored = logged.match(/"event":\s*"file\.ignored"/g)?.length ?? 0;
  if (ignored < report.ignored)
    report.broken.push(`only ${ignored} of ${report.ignored} other objects were logged as ignored`);
  return report;
};

/** Resolves when every prompt file has its file item, the queues are empty, and no work is left. */
const untilAllAreSeen = async (
  files: readonly FuzzFile[],
  clients: StackClients,
  say: (text: string) => void,
): Promise<void> => {
  const expected = new Set(files.filter(({ isServed }) => isServed).map(({ key }) => key));
  for (const end = performance.now() + SEEN_LIMIT_MS; performance.now() < end; await delay(1_000)) {
    const seen = new Set((await readFiles(clients)).map(({ key }) => key));
    const unseen = expected.difference(seen).size;
    // Not embed's: a message whose output was refused is there until it is due again, when its run has ended.
    const queued = await messagesIn(clients, (name) => name === 'IntakeQueue');
    say(`${unseen} of ${expected.size} files not yet seen, ${queued} messages at intake`);
    if (unseen === 0 && queued === 0) break;
  }
  await untilNothingIsOpen(clients);
};

const readFiles = async ({ dynamodb, table }: StackClients): Promise<StoredFile[]> => {
  const files: StoredFile[] = [];
  const pages = paginateScan({ client: dynamodb }, { TableName: table, ConsistentRead: true });
  for await (const { Items = [] } of pages) {
    for (const item of Items) if (item.sk?.S === 'FILE') files.push(unmarshall(item) as StoredFile);
  }
  return files;
};

const isDeadLetters = (name: string): boolean => /dead|dlq/i.test(name);
const deadLettersOf = (clients: StackClients): Promise<number> => messagesIn(clients, isDeadLetters);

const messagesIn = async (
  { sqs, queues }: StackClients,
  which: (name: string) => boolean,
): Promise<number> => {
  let messages = 0;
  for (const [name, QueueUrl] of Object.entries(queues)) {
    if (!which(name)) continue;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    messages += Object.values(Attributes).reduce((sum, value) => sum + Number(value), 0);
  }
  return messages;
};

/** Notes the runs of comparisons, which were accepted with their comparison. */
const noteComparisons = async ({ clients, services, ledger }: Deps): Promise<void> => {
  const { runs } = await readState(clients, services.pinecone);
  for (const { id, file } of runs.values()) if (file?.fileId.startsWith('cmp_')) ledger.runs.add(id);
};

const throttled = (say: (text: string) => void): ((text: string) => void) => {
  let last = performance.now();
  return (text) => {
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    say(text);
  };
};
