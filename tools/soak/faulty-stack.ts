import { resolve } from 'node:path';
import type { Endpoints } from '../../local/aws/function-environment.ts';
import { seededRandom } from '../../local/model/random.ts';
import { readSettings } from '../../local/settings.ts';
import { startStack } from '../../local/start-stack.ts';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';

// The local stack as `npm start` runs it, but that its functions reach the AWS parts through proxies that let some
// calls fail. It is told when by its parent, tells it what was injected, and ends with it.

const TELL_MS = 250;
/** `truncated` is a call that was done, with half of its JSON for an answer. S3 says how long a body is: no cut goes unseen. */
const FAULTS: Fault[] = [
  'rate_limited',
  'server_error',
  'unavailable',
  'reset',
  'answer_lost',
  'stall',
  'drip',
  'cut',
];

const proxies: Record<string, FaultProxy> = {};

const behindProxies = async (endpoints: Endpoints): Promise<Endpoints> => {
  const [seed = 0, rate = 0] = process.argv.slice(2).map(Number);
  const proxied = { ...endpoints };
  const names = ['dynamodb', 's3', 'sqs', 'events'] as const;
  for (const [at, name] of names.entries()) {
    const proxy = await startFaultProxy({
      ...{ upstream: endpoints[name], rate, random: seededRandom(seed, 10 + at) },
      ...(name === 's3' ? { speaks: 'bytes', faults: FAULTS } : { faults: [...FAULTS, 'truncated'] }),
    });
    proxies[name] = proxy;
    proxied[name] = proxy.url;
  }
  return proxied;
};

process.on('message', ({ active }: { active: boolean }) => {
  for (const proxy of Object.values(proxies)) proxy.setActive(active);
});
process.on('disconnect', () => process.exit(1));

const ROOT = resolve(import.meta.dirname, '../..');
await startStack({
  ...readSettings(ROOT),
  root: ROOT,
  log: (line) => console.log(line),
  functionEndpoints: behindProxies,
});
setInterval(() => {
  process.send?.(Object.fromEntries(Object.entries(proxies).map(([name, proxy]) => [name, proxy.counts()])));
}, TELL_MS);
