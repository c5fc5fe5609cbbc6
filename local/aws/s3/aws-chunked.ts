/**
 * Removes the `aws-chunked` framing from a body: `{hex size};{extensions}\r\n{data}\r\n … 0\r\n{trailers}`.
 * Trailers (checksums) are dropped.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 *
 * @throws {Error} when the body ends early or a chunk's size is not a hexadecimal number.
 */
export async function* decodeAwsChunked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let buffered = Buffer.alloc(0);
  let remaining = 0; // bytes left of the current chunk's data
  let separator = 0; // bytes left of the \r\n after it
  let ended = false;
  for await (const piece of body) {
    if (ended) continue;
    buffered = Buffer.concat([buffered, piece]);
    while (buffered.length > 0 && !ended) {
      if (remaining > 0) {
        const data = buffered.subarray(0, remaining);
        remaining -= data.length;
        buffered = buffered.subarray(data.length);
        if (remaining === 0) separator = 2;
        yield data;
      } else if (separator > 0) {
        const skipped = Math.min(separator, buffered.length);
        separator -= skipped;
        buffered = buffered.subarray(skipped);
      } else {
        const lineEnd = buffered.indexOf('\r\n');
        if (lineEnd < 0) break;
        const size = buffered.subarray(0, lineEnd).toString('latin1').split(';')[0] ?? '';
        if (!/^[0-9a-f]+$/i.test(size)) throw new Error('malformed aws-chunked body');
        remaining = Number.parseInt(size, 16);
        ended = remaining === 0;
        buffered = buffered.subarray(lineEnd + 2);
      }
    }
  }
  if (!ended) throw new Error('the aws-chunked body ended early');
}
