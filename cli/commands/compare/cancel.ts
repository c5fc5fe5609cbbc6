import { useApi, withApi } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { printableLine } from '../../terminal/printable.ts';
import { counted } from '../../terminal/units.ts';

export const define: Define = (command) => {
  withApi(command.argument('<id>', 'the id of a comparison, such as cmp_…'))
    .addHelpText(
      'after',
      examples(['everytoken compare cancel cmp_…', 'what has not begun is not paid; answers stay']),
    )
    .action((id, options) =>
      useApi(options, async ({ client, screen, json, note, again, signal }) => {
        const comparison = await client.comparisons.cancel(id, { signal });
        if (options.json) return json(comparison);
        const { progress, stopped, status } = comparison;
        const answered = `${counted(progress.completed)} of ${counted(progress.generations)} answers`;
        if (stopped === null)
          screen.line(`${printableLine(id)} had ended: ${printableLine(status)}, with ${answered}`);
        else
          screen.line(
            `${printableLine(id)} is cancelled, with ${answered} so far; blocks under way may finish`,
          );
        note(`see it: ${again(`compare show ${printableLine(id)}`)}`);
      }),
    );
};
