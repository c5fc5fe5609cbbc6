import { useApi, withApi } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { printableLine } from '../../terminal/printable.ts';

export const define: Define = (command) => {
  withApi(command.argument('<file>', 'its id, or a path: the newest file of that name'))
    .addHelpText('after', examples(['everytoken file stop products.csv', 'answers are kept']))
    .action((path, options) =>
      useApi(options, async (context) => {
        const { client, screen, json, note, again, signal } = context;
        const { findFile } = await import('./find-file.ts');
        const { id, ended_at } = await findFile(path, context);
        const file = await client.files.stop(id, { signal });
        if (options.json) return json(file);
        const name = `${printableLine(file.filename)} (${printableLine(id)})`;
        if (ended_at !== null) return screen.line(`${name} had ended before: ${printableLine(file.status)}`);
        screen.line(`${name} is stopped: no further row begins, and those under way have half a minute`);
        note(`${again(`file watch ${id}`)} fetches its results`);
      }),
    );
};
