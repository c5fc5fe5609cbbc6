import { canonicalJson } from '../json/canonical-json.ts';
import type { SamplingReport } from '../sampling/setting.ts';

/**
 * For each setting the place of the first one that came to the same request: the same model of the same server, and the
 * same fields sent. Its own place if there is none earlier, or if nothing is known of what was sent.
 */
export const firstWithSameRequest = (
  models: readonly string[],
  sampling: readonly (Pick<SamplingReport, 'sent'> | null | undefined)[],
): number[] => {
  const requests = models.map((model, at) => {
    const own = sampling[at];
    return own ? canonicalJson([model, own.sent]) : `setting ${at}`;
  });
  return requests.map((request) => requests.indexOf(request));
};
