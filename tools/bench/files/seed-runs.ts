import { createHash } from 'node:crypto';
import { type AttributeValue, BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { FILE_LIMITS } from '../../../lib/files/limits.ts';
import { lineRunId } from '../../../lib/files/work/line-run.ts';
import { canonicalJson, sha256Hex } from '../../../lib/json/canonical-json.ts';
import { outputKey } from '../../../lib/runs/keys.ts';
import type { Clients } from './clients.ts';
import type { Pattern } from './generate-pattern.ts';
import { answerOf, requestOf } from './prompt-lines.ts';

type Item = Record<string, unknown>;

const ITEMS_A_WRITE = 25;
const WRITES_AT_ONCE = 4;

/**
 * Puts the ended runs of a file's lines into the table and their outputs into the bucket, as its workers would have
 * left them: copies of a run that was really generated, each with its own line's id, hash, text and place.
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
        ...runs.map(({ id, output }) => clients.putSmall(outputKey(id, 0, leaseOf(pattern.item)), output)),
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

export const leaseOf = ({ generations }: Item): string => (generations as [{ l: string }])[0].l;

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
    list_sk: `${pattern.item.created_at}#${id}`,
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
