import { isObject } from '../../../lib/json/value.ts';
import { type Finding, findingOn } from '../../finding.ts';

const TIMEOUT_MS = 15_000;

/** Asks `GET /health`, which checks each part of a deployment, and says which are down. */
export const checkHealth = async (api: string): Promise<Finding[]> => {
  const finding = findingOn('health');
  try {
    const response = await fetch(`${api.replace(/\/+$/, '')}/health`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const checks = checksIn(await response.text());
    if (checks === undefined)
      return [
        finding('wrong', `${api} answers ${response.status}, and not as everytoken does; check the address`),
      ];
    const parts = Object.entries(checks);
    const down = parts.filter(([, state]) => state !== 'ok');
    if (down.length === 0) return [finding('ok', `all parts: ${parts.map(([part]) => part).join(', ')}`)];
    return down.map(([part]) =>
      finding('wrong', `${part} is down; the log line health.down has the reason (docs/observability.md)`),
    );
  } catch (error) {
    const { name, message, cause } = error as Error;
    const reason =
      name === 'TimeoutError' ? 'no answer in 15 s' : ((cause as Error | undefined)?.message ?? message);
    return [finding('wrong', `${api} does not answer: ${reason}; check that it runs, and the network`)];
  }
};

/** The state of each part; undefined when it is not everytoken that answers. */
const checksIn = (text: string): Record<string, unknown> | undefined => {
  try {
    const { checks } = JSON.parse(text) as { checks?: unknown };
    return isObject(checks) ? checks : undefined;
  } catch {
    return undefined;
  }
};
