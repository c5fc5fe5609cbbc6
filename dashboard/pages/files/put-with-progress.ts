/**
 * A fetch whose PUT of a Blob tells how many bytes have left, which a browser's own fetch cannot. All other requests go
 * through `usual`.
 */
export const putWithProgress =
  (usual: typeof fetch, onSent: (bytes: number) => void): typeof fetch =>
  (input, init = {}) => {
    const { method, body, headers, signal } = init;
    if (method !== 'PUT' || !(body instanceof Blob)) return usual(input, init);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const abort = (): void => request.abort();
      const end = (settle: () => void): void => {
        signal?.removeEventListener('abort', abort);
        settle();
      };
      request.open(method, String(input));
      for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded }) => onSent(loaded);
      request.onload = () =>
        end(() => resolve(new Response(request.responseText, { status: request.status })));
      // As fetch fails: a TypeError for the network, an AbortError for the signal.
      request.onerror = () => end(() => reject(new TypeError('the upload broke off')));
      request.onabort = () => end(() => reject(new DOMException('the upload was stopped', 'AbortError')));
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      request.send(body);
    });
  };
