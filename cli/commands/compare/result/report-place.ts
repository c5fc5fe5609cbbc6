import type { ApiContext } from '../../../api-command.ts';
import { requireReplaceable } from '../../../replaceable.ts';

/** Every report has it in its title, which stands within these bytes. */
const TITLE = ' · everytoken comparison</title>';
const HEAD = 16 * 1024;

/**
 * Checks that a report can be written, before anything is paid. A report that is there is replaced; any other file with
 * `force`, or when the person says so.
 *
 * @throws {CommandError}
 */
export const requirePlace = async (
  { html, force }: { html?: string | undefined; force?: boolean | undefined },
  { signal }: Pick<ApiContext, 'signal'>,
): Promise<void> => {
  if (html === undefined) return;
  await requireReplaceable(html, {
    named: '--html',
    isOwn: (found) => found.includes(TITLE),
    bytes: HEAD,
    unlike: ', and is no report of everytoken',
    force,
    signal,
  });
};
