import type { MakeClient } from '../reported.ts';
import { makeAsk } from './everytoken.ts';

/** everytoken's model port asking by the Responses API; its row counts from its own t0. */
export const makeClient: MakeClient = (baseURL) => {
  const ask = makeAsk(baseURL, 'responses');
  return async (stream) => [{ row: 'responses', ...(await ask(stream)) }];
};
