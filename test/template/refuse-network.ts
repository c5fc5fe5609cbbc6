/** Preloaded into a program (`--import`): refuses every connection and DNS lookup, and prints which was tried. */
import dns from 'node:dns';
import { Socket } from 'node:net';

const refuse = (what: unknown): never => {
  // Written directly to the descriptor, since the program may catch the error and exit normally.
  process.stderr.write(`network refused: ${JSON.stringify(what)}\n`);
  throw new Error(`network refused: ${JSON.stringify(what)}`);
};

Socket.prototype.connect = function connect(...options: unknown[]): never {
  return refuse(options);
} as typeof Socket.prototype.connect;
dns.lookup = ((name: string) => refuse(name)) as unknown as typeof dns.lookup;
dns.promises.lookup = ((name: string) => refuse(name)) as unknown as typeof dns.promises.lookup;
