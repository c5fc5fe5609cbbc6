import { type Define, examples, prose } from '../../command.ts';
import { useDeployment, withDeployment } from '../../deployment-command.ts';
import { environmentWithIndex } from '../../target/deployment.ts';
import { printableLine } from '../../terminal/printable.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      prose(`Adds the rare words of their texts to this deployment's vectors that were stored without, so that a search for an error
code or a name finds them too. Nothing is embedded again; each vector that changes is written again (some 7 write units).
Run it again if it was interrupted, and at any time.`),
    )
    .addHelpText('after', examples(['everytoken vectors words --stage prod', 'of a deployment']))
    .action((options) =>
      useDeployment(options, async ({ deployment, screen, json, note }) => {
        const [{ composeMove }, { addWords }] = await Promise.all([
          import('./compose.ts'),
          import('../../../lib/operate/add-words.ts'),
        ]);
        const { to: namespace, ...deps } = composeMove(environmentWithIndex(deployment), '');
        const data: object[] = [];
        for await (const { namespace: name, read, added } of addWords({ ...deps, namespace })) {
          data.push({ namespace: name, read, added });
          if (!options.json)
            screen.line(`${printableLine(name)}: ${added} of ${read} vectors got their words`);
        }
        if (options.json) json({ data });
        else if (data.length === 0) note(`there are no namespaces ${namespace('')}…`);
      }),
    );
};
