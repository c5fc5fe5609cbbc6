import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';

const entry = new URL('../../../local/openai/process.ts', import.meta.url);
let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

const start = async (options: object): Promise<{ url?: string; apiKey?: string; error?: string }> => {
  child = fork(entry, [], { stdio: 'ignore', execArgv: [] });
  child.send(options);
  const [message] = await once(child, 'message');
  return message;
};

test('the process reports its address, survives Ctrl-C and ends when its channel closes', async () => {
  const { url, apiKey } = await start({ pace: 0 });
  const headers = { authorization: `Bearer ${apiKey}` };
  child?.kill('SIGINT');
  const response = await fetch(`${url}/models`, { headers });
  expect(response.status).toBe(200);
  await response.json();
  const ended = child ? once(child, 'exit') : Promise.reject(new Error('no child'));
  child?.disconnect();
  expect(await ended).toEqual([0, null]);
  await expect(fetch(`${url}/models`)).rejects.toThrow();
});

test('a port in use is reported and ends the process', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as AddressInfo;
  const { error } = await start({ pace: 0, port });
  expect(error).toContain('EADDRINUSE');
  if (child?.exitCode === null) await once(child, 'exit');
  expect(child?.exitCode).toBe(1);
  blocker.close();
});
