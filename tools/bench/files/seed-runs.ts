import { createHash } from 'node:crypto';
import { type AttributeValue, BatchWriteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '../../../lib/adapters/dynamodb/attribute-value.ts';
import { FILE_LIMITS } from '../../../lib/files/limits.ts';
import { hasFileEnded } from '../../../lib/files/prompt-file.ts';
import { lineRunId } from '../../../lib/files/work/line-run.ts';
import { canonicalJson, sha256Hex } from '../../../lib/json/canonical-json.ts';
import { outputKey } from '../../../lib/runs/keys.ts';
import { pollUntil } from '../../poll-until.ts';
import { type Clients, idBeforehand, makeSource, upload } from './clients.ts';
import { answerOf, requestOf } from './prompt-lines.ts';

type Item = Record<string, unknown>;

/** A run that the stack generated: its item in the table and its output object in the bucket. */
type Pattern = { item: Item; output: { run_id: string; generation: Item } };

const PATTERN_KEY = 'prompts/@local/pattern.jsonl';
const LIMIT_MS = 5 * 60_000;
const EVERY_MS = 250;

/** Lets the stack generate a file of one line and returns its run. */
export const generatePattern = async (folder: string, clients: Clients): Promise<Pattern> => {
  const source = await makeSource(folder, 'pattern', 1);
  const id = await idBeforehand(source, PATTERN_KEY, clients);
  await upload(source, PATTERN_KEY, clients);
  const isOver = async () => {
    const file = await clients.files.get(id);
    return file !== undefined && hasFileEnded(file);
  };
  await pollUntil('the pattern line to be generated', isOver, LIMIT_MS, EVERY_MS);
  return readPattern(PATTERN_KEY, clients);
};

/** The run of a file's first line, once that has ended. */
const readPattern = async (key: string, clients: Clients): Promise<Pattern> => {
  const id = lineRunIdOf(1, key, clients);
  const Key = { pk: { S: `RUN#${id}` }, sk: { S: 'RUN' } };
  const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName: clients.table, Key }));
  if (!Item) throw new Error(`the run ${id} of ${key} is not in the table`);
  const item = unmarshall(Item);
  const output = JSON.parse(await clients.text(outputKey(id, 0, leaseOf(item))));
  return { item, output };
};

const ITEMS_A_WRITE = 25;
const WRITES_AT_ONCE = 4;

/**
 * Writes the ended runs of a file's lines to the table and their outputs to the bucket, as the workers would have left
 * them. Each is a copy of `pattern` with the id, hash, text and place of its own line.
 */
export const seedRuns = async (
  { fileId, key, lines }: { fileId: string; key: string; lines: number },
  pattern: Pattern,
  clients: Clients,
  onProgress: (done: number) => void,
): Promise<void> => {
  let next = 1;
  let done = 0;
  const writer = async () => {
    while (next <= lines) {
      const from = next;
      next += ITEMS_A_WRITE;
      const numbers = Array.from({ length: Math.min(ITEMS_A_WRITE, lines - from + 1) }, (_, at) => from + at);
      const runs = numbers.map((line) => runOf(line, { fileId, key }, pattern, clients));
      await Promise.all([
        ...runs.map(({ id, output }) => clients.put(outputKey(id, 0, leaseOf(pattern.item)), output)),
        writeAll(
          runs.map(({ item }) => item),
          clients,
        ),
      ]);
      done += runs.length;
      onProgress(done);
    }
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writer));
};

export const lineRunIdOf = (line: number, key: string, { bucket }: Pick<Clients, 'bucket'>): string =>
  lineRunId(bucket, { key }, { body: requestOf(line), occurrence: 0 });

const leaseOf = ({ generations }: Item): string => (generations as [{ l: string }])[0].l;

const runOf = (
  line: number,
  { fileId, key }: { fileId: string; key: string },
  pattern: Pattern,
  clients: Clients,
): { id: string; item: Item; output: string } => {
  const id = lineRunIdOf(line, key, clients);
  const text = answerOf(line);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const { generation } = pattern.output;
  const [figures] = pattern.item.generations as [Item];
  const body = requestOf(line);
  const item = {
    ...pattern.item,
    pk: `RUN#${id}`,
    id,
    metadata: body.metadata,
    request_hash: sha256Hex(canonicalJson(body)),
    file: { fileId, block: blockOf(line), line },
    generations: [{ ...figures, h: sha256 }],
  };
  const output = {
    ...pattern.output,
    run_id: id,
    generation: { ...generation, text, output_sha256: sha256 },
  };
  return { id, item, output: JSON.stringify(output) };
};

const writeAll = async (items: Item[], { dynamodb, table }: Clients): Promise<void> => {
  let left: Record<string, AttributeValue>[] = items.map((item) => marshall(item));
  while (left.length > 0) {
    const writes = left.map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems = {} } = await dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: writes } }),
    );
    left = (UnprocessedItems[table] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item ? [PutRequest.Item] : [],
    );
  }
};

export const blockOf = (line: number): number => Math.floor((line - 1) / FILE_LIMITS.blockLines);
