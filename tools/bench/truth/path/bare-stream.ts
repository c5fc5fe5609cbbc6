/** A request to the bare client: the body is sent to the path of a server on `host` (with its port). */
export type BareQuestion = { host: string; path: string; body: string };

/** Bytes and the instant at which they were read (ms, CLOCK_MONOTONIC). */
export type Read = { at: number; base64: string };

export type BareAnswer = { t0: number; reads: Read[] };

/** The data of an event, and when its last byte was read. */
export type TimedEvent = { at: number; data: string };

/**
 * The events of an HTTP/1.1 response in chunked transfer coding.
 * @throws {Error} when it is none
 */
export const timedEvents = (reads: readonly Read[]): TimedEvent[] => {
  const parts = reads.map(({ at, base64 }) => ({ at, bytes: Buffer.from(base64, 'base64') }));
  const all = Buffer.concat(parts.map(({ bytes }) => bytes));
  const atOf = readTimes(parts);
  let from = all.indexOf('\r\n\r\n') + 4;
  if (from < 4 || !/transfer-encoding: chunked/i.test(all.subarray(0, from).toString('latin1')))
    throw new Error('the response is not in chunked transfer coding');
  const events: TimedEvent[] = [];
  let text = '';
  for (;;) {
    const line = all.indexOf('\r\n', from);
    const size = Number.parseInt(all.subarray(from, line).toString('latin1'), 16);
    if (!(size > 0)) return events;
    const end = line + 2 + size;
    text += all.subarray(line + 2, end).toString('latin1');
    const whole = text.split('\n\n');
    text = whole.pop() ?? '';
    for (const event of whole) {
      const lines = Buffer.from(event, 'latin1').toString().split('\n');
      const data = lines.find((line) => line.startsWith('data: '));
      if (data !== undefined) events.push({ at: atOf(end - 1), data: data.slice(6) });
    }
    from = end + 2;
  }
};

/** The value of a header of a response, by its name in lower case. */
export const headerOf = (reads: readonly Read[], name: string): string | undefined => {
  const all = Buffer.concat(reads.map(({ base64 }) => Buffer.from(base64, 'base64'))).toString('latin1');
  const lines = all.slice(0, all.indexOf('\r\n\r\n')).split('\r\n').slice(1);
  const found = lines.find((line) => line.toLowerCase().startsWith(`${name}:`));
  return found?.slice(name.length + 1).trim();
};

/** Makes a lookup of the instant at which the byte at an offset was read; offsets must not decrease. */
const readTimes = (parts: readonly { at: number; bytes: Uint8Array }[]) => {
  let part = 0;
  let end = parts[0]?.bytes.length ?? 0;
  return (offset: number): number => {
    while (offset >= end && part < parts.length - 1) {
      part += 1;
      end += parts[part]?.bytes.length ?? 0;
    }
    return parts[part]?.at ?? Number.NaN;
  };
};
