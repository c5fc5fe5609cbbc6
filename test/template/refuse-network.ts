/** Loaded before a program (`--import`): refuses every connection and look-up of a name, so that it says who tried. */
import dns from 'node:dns';
import { Socket } from 'node:net';

const refuse = (what: unknown): never => {
  // Straight to the descriptor: the program may catch the error and end well.
  process.stderr.write(`network refused: ${JSON.stringify(what)}\n`);
  throw new Error(`network refused: ${JSON.stringify(what)}`);
};

Socket.prototype.connect = function connect(...options: unknown[]): never {
  return refuse(options);
} as typeof Socket.prototype.connect;
dns.lookup = ((name: string) => refuse(name)) as unknown as typeof dns.lookup;
dns.promises.lookup = ((name: string) => refuse(name)) as unknown as typeof dns.promises.lookup;
