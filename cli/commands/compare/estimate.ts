import { useApi, withApi } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { withMatrix } from './matrix/options.ts';

export const define: Define = (command) => {
  withMatrix(withApi(command))
    .addHelpText(
      'after',
      examples(
        ['everytoken compare estimate matrix.yml', 'tokens, cost, time, and what it could find'],
        ['everytoken compare estimate matrix.yml --samples 30 --json', ''],
      ),
    )
    .action((path, options) =>
      useApi(options, async ({ client, screen, json, signal }) => {
        const [{ readRequest }, { requireCost, showEstimate }] = await Promise.all([
          import('./matrix/request.ts'),
          import('./matrix/show-estimate.ts'),
        ]);
        const { request, explain } = await readRequest(path, options);
        const estimate = await client.comparisons.estimate(request, { signal }).catch((error: unknown) => {
          throw explain(error);
        });
        if (options.json) json(estimate);
        else showEstimate(screen, estimate, request);
        requireCost(estimate, options.maxCostUsd);
      }),
    );
};
