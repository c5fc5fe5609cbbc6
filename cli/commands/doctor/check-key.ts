import { ApiError, createClient } from '../../../client/index.ts';
import { type Finding, findingOn } from '../../finding.ts';
import { PROGRAM } from '../../program-name.ts';

/** Checks that the API accepts EVERYTOKEN_KEY, a caller's or an operator's. `target`: the options that name the stage. */
export const checkKey = async (api: string, apiKey: string | undefined, target: string): Promise<Finding> => {
  const finding = findingOn('EVERYTOKEN_KEY');
  if (!apiKey)
    return finding('note', `is not set; make one: export EVERYTOKEN_KEY=$(${PROGRAM} keys add me ${target})`);
  const client = createClient({ baseUrl: api, apiKey, timeoutMs: 15_000, maxRetries: 1 });
  try {
    await client.usage({});
    return finding('ok', 'is accepted');
  } catch (error) {
    if (!(error instanceof ApiError)) return finding('note', `was not tried: ${(error as Error).message}`);
    if (error.status === 401 || error.status === 403)
      return finding(
        'wrong',
        `is refused (${error.status}); set it to a key of this deployment: ${PROGRAM} keys add me ${target}`,
      );
    return finding('note', `was not tried: the API answered ${error.status}`);
  }
};
