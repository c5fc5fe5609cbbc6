import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIntakeMessage } from '../../../../lib/adapters/aws/s3-event.ts';
import { InvalidInputError } from '../../../../lib/errors.ts';

const formEncoded = (key: string) => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
const notificationOf = (key: string) =>
  JSON.stringify({
    Records: [
      {
        eventName: 'ObjectCreated:Put',
        s3: {
          bucket: { name: 'content' },
          object: { key: formEncoded(key), size: 12, eTag: '"abc"', sequencer: '0055AED6DCD90281E5' },
        },
      },
    ],
  });

describe('parseIntakeMessage', () => {
  test('returns the objects of a notification, their ETags without quotes', () => {
    expect(parseIntakeMessage(notificationOf('prompts/a.txt'))).toEqual({
      type: 'objects',
      objects: [
        { bucket: 'content', key: 'prompts/a.txt', etag: 'abc', size: 12, sequencer: '0055AED6DCD90281E5' },
      ],
    });
  });

  test('decodes every key that S3 can have: spaces, plus signs, percent signs, any Unicode', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const message = parseIntakeMessage(notificationOf(`prompts/${name}`));
        expect(message).toMatchObject({ objects: [{ key: `prompts/${name}` }] });
      }),
    );
  });

  test('treats S3’s test event as a message without objects', () => {
    const body = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'content' });
    expect(parseIntakeMessage(body)).toEqual({ type: 'objects', objects: [] });
  });

  test('parses a request to move a file on', () => {
    expect(parseIntakeMessage('{"type":"file","file_id":"file_1"}')).toEqual({
      type: 'file',
      fileId: 'file_1',
    });
  });

  test.each(['', 'null', '{}', '{"Records":[{}]}', '[]'])('refuses %j as a permanent bad event', (body) => {
    expect(() => parseIntakeMessage(body)).toThrow(InvalidInputError);
    expect(() => parseIntakeMessage(body)).toThrow(
      expect.objectContaining({ code: 'bad_event', retryable: false }),
    );
  });
});
