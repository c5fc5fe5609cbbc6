import type { Everytoken } from '../../../client/index.ts';
import { useApi, withApi, withTable } from '../../api-command.ts';
import { CommandError, type Define, examples } from '../../command.ts';
import { ExitStatus } from '../../exit-status.ts';
import { PROGRAM } from '../../program-name.ts';
import { NEWEST } from '../../runs/find-run.ts';
import { withRequirements } from './result/status.ts';

export const define: Define = (command) => {
  withRequirements(
    withTable(
      withApi(command.argument('<id>', 'the id of a comparison, such as cmp_…, or last for the newest')),
    ),
  )
    .option('--html <path>', 'write a report: one file that opens from an e-mail, and prints')
    .option('--force', 'replace a file at --html, whatever it holds')
    .option('--watch', 'show it until it has ended')
    .addHelpText(
      'after',
      examples(
        ['everytoken compare show last', 'its verdict and figures, also those so far'],
        ['everytoken compare show cmp_… --html report.html', 'the report of one that ended earlier'],
        ["everytoken compare show cmp_… --require 'pass_rate>=0.95'", 'whether it keeps a bound'],
        ['everytoken compare show cmp_… --watch --stage prod', 'until it has ended'],
      ),
    )
    .action((id, options) =>
      useApi(options, async (context) => {
        const [{ requirePlace }, { endComparison }] = await Promise.all([
          import('./result/report-place.ts'),
          import('./result/end.ts'),
        ]);
        await requirePlace(options, context);
        const { client, signal } = context;
        const now = await client.comparisons.get(
          await idOf(id, client, signal),
          { texts: 'false' },
          { signal },
        );
        if (options.watch) {
          const { followComparison } = await import('./progress/follow.ts');
          return endComparison(await followComparison(now.id, context), options, context);
        }
        const hasBounds = options.require !== undefined || options.failOn !== undefined;
        if (hasBounds && now.verdict === null && now.error === null)
          throw new CommandError('it has not ended, so nothing is decided; --watch waits for its end');
        const status = await endComparison(now, options, context);
        return status === ExitStatus.notMet ? status : ExitStatus.ok;
      }),
    );
};

const idOf = async (named: string, { comparisons }: Everytoken, signal: AbortSignal): Promise<string> => {
  if (named !== NEWEST) return named;
  const { data } = await comparisons.list({ limit: 1 }, { signal });
  const [newest] = data;
  if (newest === undefined)
    throw new CommandError(`there are no comparisons yet; see ${PROGRAM} compare --help`);
  return newest.id;
};
