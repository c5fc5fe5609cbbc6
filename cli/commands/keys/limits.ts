import { Option } from '@commander-js/extra-typings';
import type { CallerLimits } from '../../../lib/limits/ports.ts';
import { type Define, examples, prose } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { oneValue, parseCaller, parseWhole } from '../../option-values.ts';
import type { Screen } from '../../terminal/screen.ts';
import { useTable } from './use-table.ts';

const count = oneValue(parseWhole(1, 1_000_000));

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      prose(`Limits what a caller takes at once, in place of the deployment's defaults. Without options it shows the caller's limits.

Runs in flight count apart for direct runs and for jobs (background runs, lines of files). A caller never gets more than a
single caller's share (keptForOthersPercent), whatever its limits. New limits replace the old ones: one that is not given
is the default again. Workers apply them within a minute.`),
    )
    .argument('<caller>', 'the caller', oneValue(parseCaller))
    .option('--requests-per-second <n>', 'requests of all kinds, each second', count)
    .option('--runs-in-flight <n>', 'runs at once', count)
    .addOption(
      new Option('--none', "remove the caller's own limits").conflicts(['requestsPerSecond', 'runsInFlight']),
    )
    .addHelpText(
      'after',
      examples(
        ['everytoken keys limits team-a --runs-in-flight 20', 'at most 20 runs at once'],
        ['everytoken keys limits team-a --none', "the deployment's again"],
      ),
    )
    .action((caller, options) =>
      useTable(options, async ({ limits }, { screen, json }) => {
        const { requestsPerSecond = null, runsInFlight = null, none } = options;
        if (none) await limits.set(caller, undefined);
        else if (requestsPerSecond !== null || runsInFlight !== null)
          await limits.set(caller, { requestsPerSecond, runsInFlight });
        const now = await limits.get(caller);
        if (!options.json) return show(caller, now, screen);
        json({
          caller,
          requests_per_second: now?.requestsPerSecond ?? null,
          runs_in_flight: now?.runsInFlight ?? null,
        });
      }),
    );
};

const show = (caller: string, limits: CallerLimits | undefined, screen: Screen): void => {
  if (limits === undefined) {
    screen.line(`${caller} has no limits of its own; the deployment's apply`);
    return;
  }
  const shown = (limit: number | null) => limit ?? "the deployment's default";
  screen.line(caller);
  screen.line(`  requests a second  ${shown(limits.requestsPerSecond)}`);
  screen.line(`  runs in flight     ${shown(limits.runsInFlight)}`);
};
