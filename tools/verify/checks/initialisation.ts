import type { Deployment } from '../deployment.ts';
import { must, type Report, same } from '../report.ts';
import { InitError } from '../runtime/outcome.ts';

/** Variables without which a function cannot start. */
const requiredOf = (handler: string): string[] =>
  handler === 'functions/pages.handler' ? ['CONTENT_BUCKET'] : ['TABLE_NAME', 'BUS_NAME'];

/**
 * Checks that every function starts, and that it reports missing variables to `init/error`, where Lambda expects it.
 */
export const checkInitialisation = async (deployment: Deployment, { part, check }: Report): Promise<void> => {
  part('Initialisation');
  for (const fn of deployment.model.functions.values()) {
    await check(`${fn.handler} initialises and asks for an event`, async () => {
      await (await deployment.sandbox(fn)).initialised;
      return undefined;
    });
  }
  for (const fn of deployment.model.functions.values()) {
    const required = requiredOf(fn.handler);
    await check(`${fn.handler} reports missing ${required.join(' and ')} to init/error`, async () => {
      const variables = Object.fromEntries(required.map((name) => [name, undefined]));
      const sandbox = await deployment.start(fn, variables);
      try {
        const error = await sandbox.initialised.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        must(error !== undefined, 'it initialised in spite of the missing variables');
        must(error instanceof InitError, String(error));
        for (const name of required) must(error.message.includes(name), `the message is: ${error.message}`);
        same('the type of the error', error.name, 'ConfigurationError');
        return error.message;
      } finally {
        await sandbox.close();
      }
    });
  }
};
