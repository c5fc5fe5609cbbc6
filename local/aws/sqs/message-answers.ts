import type { JsonObject } from '../../json.ts';
import { type Attributes, md5, md5OfAttributes, type NewMessage } from './message.ts';
import type { StoredMessage } from './queue-store.ts';

/** The texts of a list; none when it is absent. */
export const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** The attributes that a receiver asked for: all, by name, or by a prefix that ends in `.*`. */
const wantedAttributes = (attributes: Attributes, names: readonly string[]): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).filter(([name]) =>
      names.some(
        (wanted) =>
          wanted === 'All' ||
          wanted === name ||
          (wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -2))),
      ),
    ),
  );

/** A message as ReceiveMessage answers it, with the attributes that the request asks for. */
export const received = (message: StoredMessage, input: JsonObject, account: string): object => {
  const attributes = wantedAttributes(message.attributes, listOf(input.MessageAttributeNames));
  const digest = md5OfAttributes(attributes);
  const asked = [...listOf(input.AttributeNames), ...listOf(input.MessageSystemAttributeNames)];
  const system = Object.entries({
    SenderId: account,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...message.system,
  }).filter(([name]) => asked.includes('All') || asked.includes(name));
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(digest !== undefined && { MessageAttributes: attributes, MD5OfMessageAttributes: digest }),
  };
};

/** The answer of SendMessage. */
export const sent = (id: string, { body, attributes }: NewMessage): object => {
  const digest = md5OfAttributes(attributes);
  return {
    MessageId: id,
    MD5OfMessageBody: md5(body),
    ...(digest !== undefined && { MD5OfMessageAttributes: digest }),
  };
};
