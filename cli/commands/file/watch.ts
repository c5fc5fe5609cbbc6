import { useApi, withApi } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { withPlace } from './options.ts';

export const define: Define = (command) => {
  withPlace(withApi(command.argument('<file>', 'its id, or a path: the newest file of that name')))
    .addHelpText(
      'after',
      examples(
        ['everytoken file watch products.csv', 'then products.results.csv'],
        ['everytoken file watch file_… --out answers.csv', 'of a file by its id'],
      ),
    )
    .action((path, options) =>
      useApi(options, async (context) => {
        const [{ findFile, placeNamed }, { followFile }, { endFile }, { requireReplaceable }] =
          await Promise.all([
            import('./find-file.ts'),
            import('./progress/follow.ts'),
            import('./results/end.ts'),
            import('./results/place.ts'),
          ]);
        const file = await findFile(path, context);
        const { place, named } = await placeNamed(path, file, options.out);
        await requireReplaceable(place, { force: options.force, signal: context.signal });
        const ended = await followFile(file.id, context);
        return endFile(ended, { ...context, place, named, force: true, isJson: options.json });
      }),
    );
};
