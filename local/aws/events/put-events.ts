import { randomUUID } from 'node:crypto';
import { parseObject } from '../../json.ts';
import type { Bus, Rule } from '../template/stack-model.ts';
import { type DeliveryOptions, deliver } from './deliver.ts';
import { matchesPattern } from './event-pattern.ts';

/** One entry of a PutEvents request. `Time` is in seconds since the epoch, as the SDK sends it. */
export type EventEntry = {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
  Resources?: string[];
  Time?: number | string;
};
export type EntryResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };
export type PutEventsOptions = DeliveryOptions & {
  buses: readonly Bus[];
  rules: readonly Rule[];
  account: string;
  region: string;
};

const MAX_BYTES = 1024 * 1024;

/**
 * An entry's size as EventBridge counts it: 14 bytes for `Time`, plus the UTF-8 bytes of the other fields.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
const entryBytes = ({
  Source = '',
  DetailType = '',
  Detail = '',
  Resources = [],
  Time,
}: EventEntry): number =>
  [Source, DetailType, Detail, ...Resources].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    Time === undefined ? 0 : 14,
  );

/** The reason to refuse a whole request; `undefined` when its entries are within the limits of number and size. */
export const requestProblem = (entries: unknown): string | undefined => {
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > 10) {
    return "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10";
  }
  const total = entries.reduce((sum, entry: EventEntry) => sum + entryBytes(entry), 0);
  return total > MAX_BYTES
    ? `Total size of the entries in the request is over the limit: ${total} bytes`
    : undefined;
};

const timeOf = (time: number | string | undefined): string => {
  const at = time === undefined ? new Date() : new Date(typeof time === 'number' ? time * 1000 : time);
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
};

const refused = (ErrorCode: string, ErrorMessage: string): EntryResult => ({ ErrorCode, ErrorMessage });

const required = (name: string): EntryResult =>
  refused('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);

/** Accepts one entry. Resolves only once every matching rule's queue, or its dead-letter queue, has the event. */
export const putEvent = async (entry: EventEntry, options: PutEventsOptions): Promise<EntryResult> => {
  const { Source: source, DetailType: detailType, Detail: text } = entry;
  if (!source) return required('Source');
  if (!detailType) return required('DetailType');
  if (!text) return required('Detail');
  if (source.startsWith('aws.'))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const detail = parseObject(text);
  if (!detail) return refused('MalformedDetail', 'Detail is malformed.');
  const busName = (entry.EventBusName ?? 'default').replace(/^arn:.*event-bus\//, '');
  if (busName !== 'default' && !options.buses.some(({ name }) => name === busName)) {
    return refused('ResourceNotFoundException', `Event bus ${busName} does not exist.`);
  }

  const id = randomUUID();
  const event = {
    version: '0',
    id,
    'detail-type': detailType,
    source,
    account: options.account,
    time: timeOf(entry.Time),
    region: options.region,
    resources: entry.Resources ?? [],
    detail,
  };
  const matching = options.rules.filter(
    (rule) => rule.busName === busName && rule.pattern && matchesPattern(rule.pattern, event),
  );
  const body = JSON.stringify(event);
  try {
    await Promise.all(
      matching.flatMap((rule) => rule.targets.map((target) => deliver(rule, target, body, options))),
    );
    return { EventId: id };
  } catch {
    return refused('InternalFailure', 'The event could not be delivered; send it again.');
  }
};
