import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename } from 'node:path';
import { listen } from '../../../local/http.ts';
import { type Finding, findingOn } from '../../finding.ts';

/** Checks whether the local stack can listen on its port, or does already. `api`: the address of the one that runs. */
export const checkPort = async (port: number, api: string | undefined): Promise<Finding> => {
  const finding = findingOn('port');
  if (port === 0) return finding('ok', 'the start takes any free one');
  if (api !== undefined && Number(new URL(api).port) === port)
    return finding('ok', `${port}: the local stack`);
  try {
    await (await listen(createServer(), port)).close();
    return finding('ok', `${port} is free`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE')
      return finding('wrong', `${port} cannot be used (${code}); set PORT to another one`);
    const message = `${port} is in use by ${listenerOn(port) ?? 'another program'}`;
    // The stack that runs has a port of its own: this matters to the next start alone.
    return api === undefined
      ? finding('wrong', `${message}; stop it, or set PORT to another one (0: any free one)`)
      : finding('note', `${message}; the local stack that runs has another one`);
  }
};

/** The program that listens on a port of this machine, where Linux tells: `node (pid 123)`. */
const listenerOn = (port: number): string | undefined => {
  try {
    const sockets = ['tcp', 'tcp6'].flatMap((table) => listeningSockets(`/proc/net/${table}`, port));
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      if (socketsOf(pid).some((socket) => sockets.includes(socket)))
        return `${basename(readlinkSync(`/proc/${pid}/exe`))} (pid ${pid})`;
  } catch {
    // Another system, or a process that has ended meanwhile.
  }
  return undefined;
};

const LISTENING = '0A';

/** The inodes of sockets that listen on a port: https://docs.kernel.org/networking/proc_net_tcp.html */
const listeningSockets = (table: string, port: number): string[] =>
  readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => {
      const [, hex = ''] = local.split(':');
      return state === LISTENING && Number.parseInt(hex, 16) === port;
    })
    .map((fields) => `socket:[${fields[9]}]`);

const socketsOf = (pid: string): string[] => {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // another user's process
  }
};

const linkOf = (path: string): string[] => {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
};
