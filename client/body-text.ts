import { ConnectionError } from './errors.ts';

/**
 * The text of a body as it arrives. Closes the connection when its reader leaves.
 *
 * @throws {ConnectionError} the connection breaks, or nothing comes for `silenceMs`.
 */
export async function* textOf(
  response: Response,
  silenceMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const cancel = (): void => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await heard(reader.read(), silenceMs);
      signal?.throwIfAborted();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } catch (cause) {
    if (cause instanceof ConnectionError) throw cause;
    throw new ConnectionError('the connection to the API broke', { cause });
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}

const heard = async <T>(read: Promise<T>, silenceMs: number): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ConnectionError(`the API sent nothing for ${silenceMs / 1000} s`)),
      silenceMs,
    );
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
};
