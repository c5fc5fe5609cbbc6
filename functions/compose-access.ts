import type { Configuration } from '../lib/adapters/configuration.ts';
import { systemClock } from '../lib/adapters/system.ts';
import { type Authenticate, makeAuthenticate } from '../lib/http/authenticate.ts';
import { parseApiKeys } from '../lib/http/parse-api-keys.ts';

/** Who calls: by the keys in the configuration, or the anonymous caller where one is set. */
export const composeAuthenticate = ({ apiKeys, anonymousCaller }: Configuration): Authenticate =>
  makeAuthenticate({ keys: parseApiKeys(apiKeys ?? ''), anonymousCaller, now: systemClock.now });
