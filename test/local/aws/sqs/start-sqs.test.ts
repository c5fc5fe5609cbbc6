import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sqs, startSqs } from '../../../../local/aws/sqs/start-sqs.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const MIB = 1024 * 1024;
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

let sqs: Sqs;
let client: SQSClient;
/** A queue of its own for each test. */
let QueueUrl: string;
let number = 0;

beforeAll(async () => {
  const place = { region: 'us-east-1', account: '000000000000' };
  sqs = await startSqs({ folder: temporaryFolder(), queues: [], ...place, keys, log: () => {} });
  const options = { endpoint: sqs.url, region: 'us-east-1', credentials: awsKey, maxAttempts: 1 };
  client = new SQSClient(options);
});
afterAll(async () => {
  client.destroy();
  await sqs.close();
});
beforeEach(async () => {
  number += 1;
  QueueUrl = await create(`queue-${number}`);
});

const create = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
  (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
const send = (MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ??
  [];
const bodies = async (more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await receive(more)).map(({ Body }) => Body);
const depth = async () => {
  const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const { Attributes = {} } = await client.send(ask);
  return [
    Attributes.ApproximateNumberOfMessages,
    Attributes.ApproximateNumberOfMessagesNotVisible,
    Attributes.ApproximateNumberOfMessagesDelayed,
  ].map(Number);
};

const sendable = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .map((text) =>
    text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{10FFFF}'),
  );

describe('a body or an attribute', () => {
  test.each(['🚀', '\u{10000}\u{10FFFF}', '\u{1FFFE}', '\t\n\r ~\u{7F}\u{85}', '\uD7FF\uE000\uFFFD'])(
    'comes back as %j was sent, one by one and in a batch',
    async (text) => {
      const MessageAttributes = {
        text: { DataType: 'String', StringValue: text },
        bytes: { DataType: 'Binary.raw', BinaryValue: new Uint8Array([0, 255]) },
      };
      await send(text, { MessageAttributes });
      const Entries = [{ Id: 'a', MessageBody: text, MessageAttributes }];
      const { Successful, Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      expect([Successful?.map(({ Id }) => Id), Failed]).toEqual([['a'], []]);
      const messages = await receive({ MessageAttributeNames: ['All'] });
      expect(messages.map(({ Body }) => Body)).toEqual([text, text]);
      for (const { MessageAttributes: got, MD5OfBody } of messages) {
        expect(got?.text?.StringValue).toBe(text);
        expect([...(got?.bytes?.BinaryValue ?? [])]).toEqual([0, 255]);
        expect(MD5OfBody).toBe(createHash('md5').update(text).digest('hex'));
      }
    },
  );

  test('comes back as it was sent, for any text of the characters that SQS takes', async () => {
    await fc.assert(
      fc.asyncProperty(sendable, async (text) => {
        await send(text);
        expect(await bodies()).toEqual([text]);
        await client.send(new PurgeQueueCommand({ QueueUrl }));
      }),
      { numRuns: 60 },
    );
  });

  test.each(['a\u0000', '\u0008', '\u{1F}', '\uFFFE', '\uFFFF', 'half of a pair: \uD83D', '\uDE80 alone'])(
    'with %j is refused by name, and in a batch alone',
    async (text) => {
      await expect(send(text)).rejects.toMatchObject({ name: 'InvalidMessageContents' });
      const attribute = { text: { DataType: 'String', StringValue: text } };
      const inAttribute = send('sound', { MessageAttributes: attribute });
      await expect(inAttribute).rejects.toThrow('Invalid characters found');
      const Entries = [
        { Id: 'bad', MessageBody: text },
        { Id: 'good', MessageBody: '🚀' },
      ];
      const { Successful, Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      expect(Failed).toEqual([expect.objectContaining({ Id: 'bad', Code: 'InvalidMessageContents' })]);
      expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
      expect(await bodies()).toEqual(['🚀']);
    },
  );

  test('may be of 1 MiB in UTF-8 together, not one byte more', async () => {
    const rockets = '🚀'.repeat(MIB / 4);
    await send(rockets);
    expect(await bodies()).toEqual([rockets]);
    const more = send(rockets, { MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } } });
    await expect(more).rejects.toThrow('Message must be shorter than 1048576 bytes');
  });

  test('may not make a batch longer than 1 MiB in UTF-8', async () => {
    const half = '🚀'.repeat(MIB / 8);
    const entries = (last: string) =>
      [half, last].map((MessageBody, Id) => ({ Id: String(Id), MessageBody }));
    const batch = (last: string) => new SendMessageBatchCommand({ QueueUrl, Entries: entries(last) });
    await expect(client.send(batch(`${half}x`))).rejects.toMatchObject({ name: 'BatchRequestTooLong' });
    expect((await client.send(batch(half))).Successful).toHaveLength(2);
  });

  test.each([
    [{ 'AWS.x': { DataType: 'String', StringValue: 'x' } }, "name 'AWS.x' is invalid"],
    [{ 'a b': { DataType: 'String', StringValue: 'x' } }, "name 'a b' is invalid"],
    [{ a: { DataType: 'Text', StringValue: 'x' } }, "type of message (user) attribute 'a' is invalid"],
    [{ a: { DataType: 'String', StringValue: '' } }, 'must contain a non-empty value'],
    [
      Object.fromEntries(
        Array.from({ length: 11 }, (_, i) => [`a${i}`, { DataType: 'String', StringValue: 'x' }]),
      ),
      'Number of message attributes [11] exceeds the allowed maximum [10]',
    ],
  ])('that SQS does not take as an attribute is refused: %j', async (MessageAttributes, message) => {
    await expect(send('sound', { MessageAttributes })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(message),
    });
  });

  test('may be named like a member of Object’s', async () => {
    const value = { DataType: 'String', StringValue: 'x' };
    const MessageAttributes = JSON.parse(JSON.stringify({ constructor: value, toString: value }));
    await send('sound', { MessageAttributes });
    const [message] = await receive({ MessageAttributeNames: ['constructor', 'none'] });
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['constructor']);
  });
});

describe('a visibility of 0', () => {
  test('makes a message in flight receivable at once, and its count goes on', async () => {
    await send('again');
    for (const count of ['1', '2', '3']) {
      const [message] = await receive({ MessageSystemAttributeNames: ['All'] });
      expect(message).toMatchObject({ Body: 'again', Attributes: { ApproximateReceiveCount: count } });
      const ReceiptHandle = message?.ReceiptHandle;
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
      );
    }
    expect(await depth()).toEqual([1, 0, 0]);
  });

  test('makes all messages of a batch receivable at once, and refuses the handles that are none', async () => {
    for (const body of ['a', 'b']) await send(body);
    const held = await receive();
    expect(await bodies()).toEqual([]);
    const Entries = [...held.map(({ ReceiptHandle }) => ReceiptHandle), 'no handle'].map(
      (ReceiptHandle, i) => ({
        ...{ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 },
      }),
    );
    const answer = await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    expect(answer.Successful).toEqual([{ Id: '0' }, { Id: '1' }]);
    expect(answer.Failed).toMatchObject([{ Id: '2', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    expect(await bodies()).toEqual(['a', 'b']);
  });

  test('wakes a consumer that waits', async () => {
    await send('again');
    const [message] = await receive();
    const waiting = bodies({ WaitTimeSeconds: 20 });
    const ReceiptHandle = message?.ReceiptHandle;
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await waiting).toEqual(['again']);
  });

  test('leaves a received message receivable, and deletable by its receipt', async () => {
    await send('peeked');
    const [first] = await receive({ VisibilityTimeout: 0 });
    const [second] = await receive({ VisibilityTimeout: 0 });
    expect([first?.Body, second?.Body]).toEqual(['peeked', 'peeked']);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    expect(await depth()).toEqual([0, 0, 0]);
  });

  test('of the queue itself never hides a message', async () => {
    QueueUrl = await create(`never-hidden-${number}`, { VisibilityTimeout: '0' });
    await send('peeked');
    expect([await bodies(), await bodies()]).toEqual([['peeked'], ['peeked']]);
  });
});

describe('a queue', () => {
  test('hides a message for its visibility timeout, and delivers it again after that', async () => {
    await send('again');
    const [first] = await receive({ VisibilityTimeout: 1 });
    expect([await bodies(), await depth()]).toEqual([[], [0, 1, 0]]);
    const [second] = await receive({ WaitTimeSeconds: 5 });
    expect([second?.Body, second?.MessageId]).toEqual(['again', first?.MessageId]);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(await depth()).toEqual([0, 1, 0]);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    expect(await depth()).toEqual([0, 0, 0]);
  });

  test('delays a message, by its own delay or the queue’s', async () => {
    QueueUrl = await create(`delaying-${number}`, { DelaySeconds: '900' });
    await send('later');
    await send('soon', { DelaySeconds: 1 });
    await send('now', { DelaySeconds: 0 });
    expect([await bodies(), await depth()]).toEqual([['now'], [0, 1, 2]]);
    expect(await bodies({ WaitTimeSeconds: 5 })).toEqual(['soon']);
  });

  test('delivers in the order in which messages became visible, each to one consumer', async () => {
    const sent = Array.from({ length: 30 }, (_, i) => `m${i}`);
    for (let i = 0; i < 30; i += 10) {
      const Entries = sent.slice(i, i + 10).map((MessageBody, Id) => ({ Id: String(Id), MessageBody }));
      await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    }
    const received = await Promise.all([1, 2, 3].map(() => bodies()));
    expect(received.flat().toSorted()).toEqual(sent.toSorted());
    for (const ten of received) expect(sent.join()).toContain(ten.join());
  });

  test('deletes a batch', async () => {
    for (const body of ['a', 'b']) await send(body);
    const Entries = (await receive()).map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    const { Successful } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect([Successful?.length, await depth()]).toEqual([2, [0, 0, 0]]);
  });

  test('moves a message that was received too often to its dead letters, and wakes who waits there', async () => {
    const deadUrl = await create(`dead-${number}`);
    const policy = { deadLetterTargetArn: arnOf(`dead-${number}`), maxReceiveCount: 2 };
    QueueUrl = await create(`redriving-${number}`, { RedrivePolicy: JSON.stringify(policy) });
    await send('failing');
    for (let i = 0; i < 2; i += 1) expect(await bodies({ VisibilityTimeout: 0 })).toEqual(['failing']);
    await send('sound');
    const dead = receive({ QueueUrl: deadUrl, WaitTimeSeconds: 20, MessageSystemAttributeNames: ['All'] });
    expect(await bodies()).toEqual(['sound']);
    expect(await dead).toMatchObject([
      { Body: 'failing', Attributes: { DeadLetterQueueSourceArn: arnOf(`redriving-${number}`) } },
    ]);
  });

  test('passes the trace header on', async () => {
    const AWSTraceHeader = { DataType: 'String', StringValue: 'Root=1-2-3' } as const;
    await send('traced', { MessageSystemAttributes: { AWSTraceHeader } });
    const [message] = await receive({ MessageSystemAttributeNames: ['AWSTraceHeader'] });
    expect(message?.Attributes).toEqual({ AWSTraceHeader: 'Root=1-2-3' });
  });

  test('keeps messages from a consumer that stopped waiting', async () => {
    const stop = new AbortController();
    const gone = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: stop.signal,
    });
    await pollUntil('the wait', async () => (await depth()).every((count) => count === 0));
    stop.abort();
    await expect(gone).rejects.toThrow();
    for (let i = 0; i < 3; i += 1) await depth(); // a server that has answered these has seen the client go
    await send('kept');
    expect(await bodies({ WaitTimeSeconds: 5 })).toEqual(['kept']);
  });

  test('is found, listed, changed and deleted', async () => {
    const name = `managed-${number}`;
    const url = await create(name, { VisibilityTimeout: '60' });
    expect(await create(name, { VisibilityTimeout: '60' })).toBe(url);
    await expect(create(name, { VisibilityTimeout: '61' })).rejects.toMatchObject({
      name: 'QueueNameExists',
    });
    expect((await client.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl).toBe(url);
    expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: name }))).QueueUrls).toEqual([url]);
    const change = { QueueUrl: url, Attributes: { VisibilityTimeout: '7' } };
    await client.send(new SetQueueAttributesCommand(change));
    const ask = new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['QueueArn', 'VisibilityTimeout'],
    });
    expect((await client.send(ask)).Attributes).toEqual({ QueueArn: arnOf(name), VisibilityTimeout: '7' });
    await client.send(new DeleteQueueCommand({ QueueUrl: url }));
    await expect(client.send(ask)).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });
});

describe('SQS refuses by name', () => {
  const entry = (Id: string) => ({ Id, MessageBody: 'x' });
  test.each([
    ['an empty batch', 'EmptyBatchRequest', () => new SendMessageBatchCommand({ QueueUrl, Entries: [] })],
    [
      'a batch of 11',
      'TooManyEntriesInBatchRequest',
      () =>
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: Array.from({ length: 11 }, (_, i) => entry(`e${i}`)),
        }),
    ],
    [
      'a batch with an id twice',
      'BatchEntryIdsNotDistinct',
      () => new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a'), entry('a')] }),
    ],
    [
      'an id with a space',
      'InvalidBatchEntryId',
      () => new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a b')] }),
    ],
    ['an empty body', 'MissingParameter', () => new SendMessageCommand({ QueueUrl, MessageBody: '' })],
    [
      'a delay of 901 s',
      'InvalidParameterValue',
      () => new SendMessageCommand({ QueueUrl, MessageBody: 'x', DelaySeconds: 901 }),
    ],
    [
      'a visibility below 0',
      'InvalidParameterValue',
      () => new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: -1 }),
    ],
    [
      'eleven messages',
      'InvalidParameterValue',
      () => new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 }),
    ],
    [
      'a FIFO queue',
      'InvalidAttributeName',
      () => new CreateQueueCommand({ QueueName: 'fifo', Attributes: { FifoQueue: 'true' } }),
    ],
    [
      'a receipt handle that is none',
      'ReceiptHandleIsInvalid',
      () => new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' }),
    ],
    [
      'an operation that it does not serve',
      'UnsupportedOperation',
      () => new StartMessageMoveTaskCommand({ SourceArn: arnOf('x') }),
    ],
  ])('%s', async (_, name, command) => {
    const refused = client.send(command() as SendMessageCommand);
    await expect(refused).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  test('a change of a message that is not in flight', async () => {
    await send('x');
    const [message] = await receive({ VisibilityTimeout: 0 });
    const ReceiptHandle = message?.ReceiptHandle;
    const change = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 5 });
    await expect(client.send(change)).rejects.toMatchObject({ name: 'MessageNotInflight' });
  });
});
