import { CommandError, type Define, examples, prose } from '../../command.ts';
import { useDeployment, withDeployment } from '../../deployment-command.ts';
import { environmentWithIndex } from '../../target/deployment.ts';
import { printableLine } from '../../terminal/printable.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      prose(`Moves the vectors of this deployment's runs into the namespaces that search reads, and leaves all others alone. A vector
is deleted only after its copy is stored: run it again if it was interrupted, and at any time. Vectors of runs deleted
since are deleted.`),
    )
    .option(
      '--from <prefix>',
      'the earlier PINECONE_NAMESPACE (default: none, as an earlier version had it)',
      '',
    )
    .addHelpText(
      'after',
      examples(
        ['everytoken vectors move --stage prod', 'from namespaces without a prefix'],
        ['everytoken vectors move --from staging-', 'from an earlier PINECONE_NAMESPACE'],
      ),
    )
    .action((options) =>
      useDeployment(options, async ({ deployment, screen, json, note }) => {
        const { from } = options;
        const [{ composeMove }, { moveVectors }] = await Promise.all([
          import('./compose.ts'),
          import('../../../lib/operate/move-vectors.ts'),
        ]);
        const deps = composeMove(environmentWithIndex(deployment), from);
        if (deps.from('') === deps.to(''))
          throw new CommandError(
            from === ''
              ? 'PINECONE_NAMESPACE is empty: there is nothing to move'
              : '--from is the PINECONE_NAMESPACE itself: give the earlier one',
          );
        const data: object[] = [];
        for await (const { namespace, moved, deleted, left } of moveVectors(deps)) {
          data.push({ namespace, moved, deleted, left });
          if (!options.json)
            screen.line(
              `${printableLine(namespace)}: ${moved} moved, ${deleted} deleted, ${left} left that are not of runs here`,
            );
        }
        if (options.json) json({ data });
        else if (data.length === 0) note(`there are no namespaces ${deps.from('')}…`);
      }),
    );
};
