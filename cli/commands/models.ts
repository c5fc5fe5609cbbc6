import { useApi, withApi } from '../api-command.ts';
import { type Define, examples } from '../command.ts';
import { printableValue } from '../terminal/printable.ts';
import { table } from '../terminal/table.ts';
import { UNKNOWN } from '../terminal/units.ts';

export const define: Define = (command) => {
  withApi(command)
    .addHelpText(
      'after',
      examples(
        ['everytoken models', 'the models of the local stack'],
        ['everytoken models --stage prod --json', 'all that is known of those of a deployment'],
      ),
    )
    .action((options) =>
      useApi(options, async ({ client, screen, json, signal }) => {
        const models = await client.models({ signal });
        if (options.json) return json(models);
        const { data } = printableValue(models);
        const head = ['model', 'shutdown', 'replacement'];
        const rows = data.map(({ id, shutdown_date, replacement }) => [
          id,
          shutdown_date ?? UNKNOWN,
          replacement ?? UNKNOWN,
        ]);
        for (const line of table([head, ...rows], [0, 1, 2])) screen.line(line);
      }),
    );
};
