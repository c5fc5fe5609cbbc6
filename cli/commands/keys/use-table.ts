import { type DeploymentContext, type DeploymentOptions, useDeployment } from '../../deployment-command.ts';
import type { TableStores } from './table-stores.ts';

/** Does the work of a command on the keys, budgets and limits in a deployment's table. */
export const useTable = (
  options: DeploymentOptions,
  work: (stores: TableStores, context: DeploymentContext) => Promise<void>,
): Promise<void> =>
  useDeployment(options, async (context) => {
    const { tableStores } = await import('./table-stores.ts');
    await work(tableStores(context.deployment.environment.TABLE_NAME ?? ''), context);
  });
