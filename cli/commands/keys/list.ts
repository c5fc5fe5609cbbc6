import { withTable } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { oneValue, parseCaller } from '../../option-values.ts';
import { type Column, printTable } from '../../terminal/print-table.ts';
import { localTime } from '../../terminal/time.ts';
import { digitsOf, keyView } from './show-key.ts';
import { useTable } from './use-table.ts';

export const define: Define = (command) => {
  withTable(withDeployment(command))
    .description(
      'Lists the keys of one caller or all, by the first digits of their sha256. No secret is stored.',
    )
    .argument('[caller]', 'of this caller alone', oneValue(parseCaller))
    .addHelpText(
      'after',
      examples(
        ['everytoken keys list --stage prod', 'all keys of a deployment'],
        ['everytoken keys list team-a --json', 'those of one caller, whole'],
      ),
    )
    .action((caller, options) =>
      useTable(options, async (stores, { screen, json, note, again }) => {
        const { listKeys } = await import('../../../lib/keys/manage-keys.ts');
        const keys = await listKeys(caller, stores);
        if (options.json) return json({ data: keys.map(keyView) });
        if (keys.length === 0) note(`no keys; create one: ${again('keys add <caller>')}`);
        else printTable(screen, COLUMNS, keys, options);
      }),
    );
};

type Key = Parameters<typeof keyView>[0];

const COLUMNS: readonly Column<Key>[] = [
  { title: 'key', text: digitsOf, csv: ({ sha256 }) => sha256, left: true },
  { title: 'caller', text: ({ caller }) => caller, left: true },
  {
    title: 'since',
    text: ({ createdAt }) => localTime(createdAt),
    csv: ({ createdAt }) => createdAt,
    left: true,
  },
  {
    title: 'state',
    text: ({ operator, disabled }) => `${disabled ? 'disabled' : 'valid'}${operator ? ', operator' : ''}`,
    left: true,
  },
];
