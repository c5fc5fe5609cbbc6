import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { startSqs } from '../../../../local/aws/sqs/start-sqs.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const place = { region: 'us-east-1', account: '000000000000' };
const queues = [{ id: 'Q', name: 'q', arn: 'arn:aws:sqs:us-east-1:000000000000:q', attributes: {} }];
const clientOf = (url: string) =>
  new SQSClient({ endpoint: url, region: 'us-east-1', credentials: awsKey, maxAttempts: 1 });

/** The bodies of all visible messages. */
const drained = async (url: string): Promise<string[]> => {
  const client = clientOf(url);
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: `${url}/000000000000/q`, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) break;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
  client.destroy();
  return bodies;
};

test('every acknowledged message survives kill -9, in flight or not, and no deleted one comes back', async () => {
  const folder = temporaryFolder();
  const module = new URL('../../../../local/aws/sqs/start-sqs.ts', import.meta.url).href;
  const options = JSON.stringify({ folder, queues, ...place });
  const pairs = JSON.stringify([...keys]);
  const program = `const { startSqs } = await import(${JSON.stringify(module)});
    console.log((await startSqs({ ...${options}, keys: new Map(${pairs}), log: () => {} })).url);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  const client = clientOf(url);
  const QueueUrl = `${url}/000000000000/q`;
  const acknowledged = new Set<string>();
  const deleted = new Set<string>();
  const writers = [0, 1, 2].map(async (writer) => {
    for (let i = 0; ; i += 1) {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: `🚀 ${writer}-${i}` }));
      acknowledged.add(`🚀 ${writer}-${i}`);
      if (acknowledged.size === 120) child.kill('SIGKILL');
      if (i % 3 > 0) continue;
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
      for (const { Body = '', ReceiptHandle } of i % 2 === 0 ? Messages : []) {
        deleted.add(Body); // a deletion that is not acknowledged may have happened
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  });
  await Promise.allSettled(writers);
  await exited;
  client.destroy();

  const again = await startSqs({ folder, queues, ...place, keys, log: () => {} });
  const left = await drained(again.url);
  expect(new Set(left).size).toBe(left.length);
  expect([...acknowledged].filter((body) => !deleted.has(body) && !left.includes(body))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThanOrEqual(120);
  await again.close();
});

test('the messages of a data folder from when fauxqs kept the queues are taken over once', async () => {
  const folder = temporaryFolder();
  const before = join(folder, 'fauxqs.db');
  const database = new DatabaseSync(before);
  database.exec(`
    CREATE TABLE sqs_messages (message_id TEXT, queue_name TEXT, body TEXT, message_attributes TEXT,
      sent_timestamp INTEGER, approximate_receive_count INTEGER, delay_until INTEGER);
    INSERT INTO sqs_messages VALUES ('id-1', 'q', 'waiting', '{}', 1, 0, NULL), ('id-2', 'q', 'in flight', '{}', 2, 1, NULL);
  `);
  database.close();
  const options = { folder, before, queues, ...place, keys, log: () => {} };
  const first = await startSqs(options);
  expect(await drained(first.url)).toEqual(['waiting', 'in flight']);
  await first.close();
  const second = await startSqs(options);
  expect(await drained(second.url)).toEqual(['waiting', 'in flight']);
  await second.close();
});

test('a file of another version is refused', async () => {
  const folder = temporaryFolder();
  const database = new DatabaseSync(join(folder, 'queues.sqlite'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expect(startSqs({ folder, queues, ...place, keys, log: () => {} })).rejects.toThrow(
    'queues of version 99',
  );
});
