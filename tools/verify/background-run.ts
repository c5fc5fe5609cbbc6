import { same } from './checks/expect.ts';
import type { Gateway } from './gateway.ts';

/** Asks for a run in the background and returns its id, once the function that took it is free. */
export const backgroundRun = async (gateway: Gateway, own: object = {}): Promise<string> => {
  const response = await fetch(`${gateway.url}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ prompt: 'Explain recall.', max_tokens: 12, extra_body: { pace: 0 }, background: true },
      ...own,
    }),
  });
  await gateway.latest();
  same('the status', response.status, 202);
  return ((await response.json()) as { id: string }).id;
};
