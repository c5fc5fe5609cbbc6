import type { PromptFile, UploadInput } from '../../../../client/index.ts';
import type { ApiContext } from '../../../api-command.ts';
import { CommandError } from '../../../command.ts';
import { bar } from '../../../terminal/bar.ts';
import { bytesText } from '../../../terminal/units.ts';
import type { LocalFile } from '../input/local-file.ts';

type Context = Pick<ApiContext, 'client' | 'errors' | 'again' | 'signal'>;

const BAR = 30;
/** A day: 1 GiB takes long on a slow line. */
const LIMIT_MS = 86_400_000;
/** Bytes of a file whose upload is over before a bar is seen. */
const SMALL = 1024 * 1024;

/**
 * Uploads a file with a bar of the bytes that were read for it.
 *
 * @throws {CommandError} when the file is changed meanwhile
 */
export const uploadFile = async (
  { path, content, size }: LocalFile,
  input: UploadInput,
  { client, errors, again, signal }: Context,
): Promise<PromptFile> => {
  const live = errors.isLive && size > SMALL ? errors.live() : undefined;
  const show = (sent: number) =>
    live?.show([`${bar(sent / size, BAR)} ${bytesText(sent)} of ${bytesText(size)} uploaded`]);
  try {
    const file = await client.files.upload(counting(content, show), input, { signal, timeoutMs: LIMIT_MS });
    live?.finish([]);
    return file;
  } catch (error) {
    if (signal.aborted)
      errors.line(`the upload was interrupted; ${again('file list')} shows whether the file had arrived`);
    if (
      (error as Error).name === 'NotReadableError' ||
      /NotReadable|could not be read/.test(String((error as Error).message))
    )
      throw new CommandError(`${path} was changed while it was uploaded; run the command again`, {
        cause: error,
      });
    throw error;
  }
};

/** The same bytes; `onRead` hears how many were read since the stream began, which begins anew with each attempt. */
const counting = (content: Blob, onRead: (bytes: number) => void): Blob => {
  const stream = (): ReadableStream<Uint8Array> => {
    let bytes = 0;
    return content.stream().pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          bytes += chunk.length;
          onRead(bytes);
          controller.enqueue(chunk);
        },
      }),
    );
  };
  return Object.defineProperty(content.slice(0, content.size, content.type), 'stream', { value: stream });
};
