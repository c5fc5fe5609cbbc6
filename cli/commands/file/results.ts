import { useApi, withApi } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { withPlace } from './options.ts';

export const define: Define = (command) => {
  withPlace(withApi(command.argument('<file>', 'its id, or a path: the newest file of that name')))
    .addHelpText(
      'after',
      examples(['everytoken file results products.csv --out so-far.csv', 'answers so far']),
    )
    .action((path, options) =>
      useApi(options, async (context) => {
        const { fetchSoFar } = await import('./results/so-far.ts');
        return fetchSoFar(path, options, context);
      }),
    );
};
