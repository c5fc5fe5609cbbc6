import { type Define, examples } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { oneValue, parseCaller } from '../../option-values.ts';
import { keyView, showSecret } from './show-key.ts';
import { useTable } from './use-table.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      "Creates another key for a caller and prints it once, alone on standard output. The caller's earlier keys stay valid.",
    )
    .argument('<name>', 'the caller, or with --operator the operator', oneValue(parseCaller))
    .option(
      '--operator',
      "an operator's key: it reads usage, budgets and last use of all callers, and what `GET /operations` shows, and no text",
    )
    .addHelpText(
      'after',
      examples(
        ['everytoken keys add team-a --stage prod', 'a key of a deployment'],
        ['KEY=$(everytoken keys add me)', 'standard output holds the key alone'],
        ['everytoken keys add --operator ops', 'a name that no caller has'],
      ),
    )
    .action((name, options) =>
      useTable(options, async (stores, context) => {
        const { addKey } = await import('../../../lib/keys/manage-keys.ts');
        const { key, secret } = await addKey(name, stores, { operator: options.operator ?? false });
        if (options.json) return context.json({ ...keyView(key), key: secret });
        showSecret(secret, key, context);
      }),
    );
};
