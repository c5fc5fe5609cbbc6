import { resolve } from 'node:path';
import type { Endpoints } from '../../local/aws/function-environment.ts';
import { seededRandom } from '../../local/model/random.ts';
import { readSettings } from '../../local/settings.ts';
import { startStack } from '../../local/start-stack.ts';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';

// Runs the local stack as `npm start` does, except that its functions reach the AWS parts through proxies that let some
// calls fail. The parent process turns the faults on and off and receives their counts. This process ends with it.

const REPORT_MS = 250;
/** For all parts. JSON services also get `truncated`; S3 does not, since its Content-Length reveals a short body. */
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
}, REPORT_MS);
