import { type Define, examples } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { oneValue, parseCaller } from '../../option-values.ts';
import { disabledLine, keyView, showSecret } from './show-key.ts';
import { useTable } from './use-table.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      `Creates a new key for a caller, prints it once, and disables the caller's earlier keys. To keep these valid for a while, add a key now and disable the earlier ones later.`,
    )
    .argument('<caller>', 'the caller or operator', oneValue(parseCaller))
    .addHelpText('after', examples(['everytoken keys rotate team-a --stage prod', 'its new key']))
    .action((caller, options) =>
      useTable(options, async (stores, context) => {
        const { rotateKeys } = await import('../../../lib/keys/manage-keys.ts');
        const { key, secret, disabled } = await rotateKeys(caller, stores);
        if (options.json)
          return context.json({
            ...keyView(key),
            key: secret,
            disabled_keys: disabled.map((earlier) => keyView({ ...earlier, disabled: true })),
          });
        showSecret(secret, key, context);
        for (const earlier of disabled) context.note(disabledLine(earlier));
      }),
    );
};
