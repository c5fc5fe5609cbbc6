import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../command.ts';

const OWN_ROOT = resolve(import.meta.dirname, '../..');

/**
 * The root of the checkout that `--functions` names, whose functions are measured; this one without it.
 * @throws {UsageError} when it is none, or lacks the packages by which its functions are packaged
 */
export const checkoutOf = (functions: string | undefined): string => {
  if (functions === undefined) return OWN_ROOT;
  const root = resolve(functions);
  const missing = ['serverless.yml', 'node_modules/serverless'].find((path) => !existsSync(join(root, path)));
  if (missing === undefined) return root;
  throw new UsageError(
    `--functions: ${root} has no ${missing}; name a checkout in which npm install was run`,
  );
};
