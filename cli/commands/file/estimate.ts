import { useApi, withApi } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { ExitStatus } from '../../exit-status.ts';
import { printableLine } from '../../terminal/printable.ts';
import { withFields } from './input/fields.ts';

export const define: Define = (command) => {
  withFields(
    withApi(command.argument('<file>', 'a file on this machine, or the id of one that was uploaded')),
  )
    .addHelpText(
      'after',
      examples(
        ['everytoken file estimate products.csv --template t.txt', 'stores nothing'],
        ['everytoken file estimate file_…', 'of an uploaded file'],
      ),
    )
    .action((path, options) =>
      useApi(options, async ({ client, screen, errors, note, json, signal }) => {
        const [{ fileIdOf }, { fieldsOf, mergedDefaults }, { showEstimate }] = await Promise.all([
          import('./find-file.ts'),
          import('./input/defaults.ts'),
          import('./estimate/show-estimate.ts'),
        ]);
        const own = await fieldsOf(options);
        const ofLocal = async () => {
          const [{ openLocalFile }, { estimateLocal }] = await Promise.all([
            import('./input/local-file.ts'),
            import('./estimate/estimate-local.ts'),
          ]);
          const file = await openLocalFile(path);
          const defaults = await mergedDefaults(path, own);
          if (defaults.sidecar !== undefined) note(`defaults of ${printableLine(defaults.sidecar)} apply`);
          const { estimate, warning } = await estimateLocal(file, defaults, { client, signal });
          if (warning !== undefined) note(errors.attention(`warning: ${printableLine(warning)}`));
          return estimate;
        };
        const hasFields = Object.keys(own).length > 0;
        const id = fileIdOf(path);
        const estimate = id
          ? await client.files.estimate({ file_id: id, ...(hasFields && { defaults: own }) }, { signal })
          : await ofLocal();
        if (options.json) json(estimate);
        else {
          showEstimate(screen, estimate);
          for (const sentence of estimate.based_on) screen.entry('', screen.dim(printableLine(sentence)));
        }
        if (estimate.error) return ExitStatus.failed;
        return estimate.refused > 0 ? ExitStatus.partlyFailed : ExitStatus.ok;
      }),
    );
};
