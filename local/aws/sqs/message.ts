import { createHash } from 'node:crypto';
import { isObject, type JsonObject, own } from '../../json.ts';
import { invalidParameter, SqsError } from './sqs-error.ts';

/** A message attribute as it is on the wire: a binary value is in base64. */
type AttributeValue = { DataType: string; StringValue?: string; BinaryValue?: string };
export type Attributes = Record<string, AttributeValue>;
export type NewMessage = {
  body: string;
  attributes: Attributes;
  /** System attributes that the sender may set: `AWSTraceHeader`, `MessageGroupId`. */
  system: Record<string, string>;
  /** By default the queue's. */
  delaySeconds: number | undefined;
  bytes: number;
};

/** The characters of XML 1.0. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const TEXT = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;
const INVALID_TEXT =
  'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF';
const ATTRIBUTE_NAME = /^(?!(aws|amazon)\.)(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;
const MAX_ATTRIBUTES = 10;
const MAX_DELAY_SECONDS = 900;

/**
 * Reads an integer; `undefined` when absent.
 *
 * @throws {SqsError} InvalidParameterValue outside of `min` to `max`.
 */
export const asInteger = (
  input: JsonObject,
  name: string,
  [min, max]: readonly [number, number],
): number | undefined => {
  const value = own(input, name) ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} must be >= ${min} and <= ${max}.`,
  );
};

const parseAttribute = (name: string, value: unknown): AttributeValue => {
  if (!ATTRIBUTE_NAME.test(name)) {
    throw invalidParameter(
      `Message (user) attribute name '${name}' is invalid: it must be 1 to 256 letters, digits, periods, hyphens and underscores, without AWS. or Amazon. before it or a period at either end.`,
    );
  }
  const { DataType, StringValue, BinaryValue } = isObject(value) ? value : {};
  if (typeof DataType !== 'string' || !DATA_TYPE.test(DataType)) {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const text = DataType.startsWith('Binary') ? BinaryValue : StringValue;
  if (typeof text !== 'string' || text === '') {
    throw invalidParameter(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`,
    );
  }
  if (DataType.startsWith('Binary')) return { DataType, BinaryValue: text };
  if (!TEXT.test(text)) throw invalidParameter(INVALID_TEXT);
  return { DataType, StringValue: text };
};

const parseAttributes = (input: unknown): Attributes => {
  const entries = Object.entries(isObject(input) ? input : {});
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, parseAttribute(name, value)]));
};

const parseSystem = (entry: JsonObject): Record<string, string> => {
  const header = isObject(entry.MessageSystemAttributes)
    ? entry.MessageSystemAttributes.AWSTraceHeader
    : undefined;
  const trace = isObject(header) ? header.StringValue : undefined;
  return {
    ...(typeof trace === 'string' && { AWSTraceHeader: trace }),
    ...(typeof entry.MessageGroupId === 'string' && { MessageGroupId: entry.MessageGroupId }),
  };
};

const bytesIn = ({ StringValue = '', BinaryValue }: AttributeValue): Buffer =>
  BinaryValue === undefined ? Buffer.from(StringValue) : Buffer.from(BinaryValue, 'base64');

/** A message's size as SQS counts it: the bytes of its body and of names, types and values of its attributes. */
const bytesOf = (body: string, attributes: Attributes): number =>
  Object.entries(attributes).reduce(
    (sum, [name, value]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(value.DataType) + bytesIn(value).length,
    Buffer.byteLength(body),
  );

/**
 * Parses a SendMessage request, or an entry of SendMessageBatch.
 *
 * @throws {SqsError} for what SQS refuses, a size above `maxBytes` included.
 */
export const parseMessage = (entry: JsonObject, maxBytes: number): NewMessage => {
  const { MessageBody: body } = entry;
  if (typeof body !== 'string' || body === '')
    throw new SqsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (!TEXT.test(body)) throw new SqsError('InvalidMessageContents', INVALID_TEXT);
  if (entry.MessageDeduplicationId !== undefined) {
    throw invalidParameter(
      'The request includes a parameter that is not valid for this queue type: MessageDeduplicationId.',
    );
  }
  const attributes = parseAttributes(entry.MessageAttributes);
  const bytes = bytesOf(body, attributes);
  if (bytes > maxBytes) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`,
    );
  }
  const delaySeconds = asInteger(entry, 'DelaySeconds', [0, MAX_DELAY_SECONDS]);
  return { body, attributes, system: parseSystem(entry), delaySeconds, bytes };
};

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const withLength = (bytes: Buffer): Buffer[] => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
};

/**
 * SQS's digest of message attributes, sorted by name: length and bytes of name, type and value, with a 1 before a text
 * and a 2 before bytes. `undefined` without attributes.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export const md5OfAttributes = (attributes: Attributes): string | undefined => {
  const names = Object.keys(attributes).toSorted();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  for (const name of names) {
    const value = own(attributes, name) as AttributeValue;
    const parts = [
      ...withLength(Buffer.from(name)),
      ...withLength(Buffer.from(value.DataType)),
      Buffer.from([value.BinaryValue === undefined ? 1 : 2]),
      ...withLength(bytesIn(value)),
    ];
    for (const part of parts) hash.update(part);
  }
  return hash.digest('hex');
};
