import { connect, type Socket } from 'node:net';
import { monotonicMs } from '../../../../local/openai/pace.ts';
import { answerParent } from '../../child.ts';
import type { BareAnswer, BareQuestion, Read } from './bare-stream.ts';

// Runs as a child process. It does nothing while a stream arrives but note each read, so its errors are the time that
// bytes take from one process to another on this machine.

const request = ({ host, path, body }: BareQuestion): string =>
  [
    `POST ${path} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');

const END_OF_CHUNKS = '0\r\n\r\n';

let held: { host: string; socket: Socket } | undefined;

const socketTo = async (host: string): Promise<Socket> => {
  if (held?.host === host && !held.socket.destroyed) return held.socket;
  const [hostname = '', port] = host.split(':');
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  held = { host, socket };
  return socket;
};

answerParent<BareQuestion>(async (question): Promise<BareAnswer> => {
  const socket = await socketTo(question.host);
  const reads: { at: number; bytes: Buffer }[] = [];
  const ended = Promise.withResolvers<void>();
  const onData = (bytes: Buffer): void => {
    reads.push({ at: monotonicMs(), bytes });
    if (bytes.subarray(-END_OF_CHUNKS.length).toString('latin1') === END_OF_CHUNKS) ended.resolve();
  };
  const onClose = () => ended.reject(new Error('the server closed the connection'));
  socket.on('data', onData).once('close', onClose);
  const bytes = request(question);
  const t0 = monotonicMs();
  socket.write(bytes);
  await ended.promise;
  socket.off('data', onData).off('close', onClose);
  return { t0, reads: reads.map(({ at, bytes }): Read => ({ at, base64: bytes.toString('base64') })) };
});
