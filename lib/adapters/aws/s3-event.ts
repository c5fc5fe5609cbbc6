import * as z from 'zod';
import type { CreatedObject } from '../../files/read/intake.ts';
import { parseMessage } from '../../runs/queue-message.ts';

const record = z.object({
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string(), eTag: z.string(), size: z.number(), sequencer: z.string() }),
  }),
});
const notification = z.object({ Records: z.array(record) });
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });
const fileMessage = z.object({ type: z.enum(['file', 'partial']), file_id: z.string() });

type IntakeMessage =
  | { type: 'objects'; objects: CreatedObject[] }
  | { type: 'file' | 'partial'; fileId: string };

/**
 * Parses a message of the intake queue: S3's notification, S3's test event (no objects), or our own request to
 * continue a file or to write its partial results. S3 form-encodes the keys; they are decoded here.
 * @throws {InvalidInputError} `bad_event` for any other message.
 */
export const parseIntakeMessage = (body: string): IntakeMessage => {
  const value = parseMessage(body, z.unknown(), 'bad_event');
  const own = fileMessage.safeParse(value);
  if (own.success) return { type: own.data.type, fileId: own.data.file_id };
  if (testEvent.safeParse(value).success) return { type: 'objects', objects: [] };
  const { Records } = parseMessage(body, notification, 'bad_event');
  const objects = Records.map(({ s3: { bucket, object } }) => ({
    bucket: bucket.name,
    key: decodeURIComponent(object.key.replaceAll('+', ' ')),
    etag: object.eTag.replaceAll('"', ''),
    size: object.size,
    sequencer: object.sequencer,
  }));
  return { type: 'objects', objects };
};
