import { type Define, examples } from '../../command.ts';
import { withDeployment } from '../../deployment-command.ts';
import { disabledLine, keyView } from './show-key.ts';
import { useTable } from './use-table.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description('Disables one key, for good.')
    .argument('<key>', 'its digits in keys list: at least the first eight of its sha256')
    .addHelpText('after', examples(['everytoken keys disable 3f2a9c1b --stage prod', 'the key 3f2a9c1b…']))
    .action((digits, options) =>
      useTable(options, async (stores, { json, note }) => {
        const { disableKey } = await import('../../../lib/keys/manage-keys.ts');
        const key = await disableKey(digits, stores);
        if (options.json) json(keyView(key));
        else note(disabledLine(key));
      }),
    );
};
