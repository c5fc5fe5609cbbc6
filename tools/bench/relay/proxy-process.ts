import { type AddressInfo, connect, createServer } from 'node:net';
import { answerParent } from '../child.ts';

// Runs as a child process: a proxy that looks at nothing and pipes the bytes of each connection to one server and back, the
// least that any relay can do.

const { host }: { host: string } = JSON.parse(process.argv[2] ?? '{}');
const [hostname = '', port] = host.split(':');

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
  client.pipe(upstream).pipe(client);
});

const listening = new Promise<string>((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`));
});

answerParent<object>(() => listening);
