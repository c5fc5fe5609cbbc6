import { startGateway } from '../../local/aws/gateway/start-gateway.ts';
import { FunctionError } from '../../local/aws/lambda/start-environment.ts';
import type { Deployment } from './deployment.ts';
import { type Outcome, textOf } from './runtime/outcome.ts';

/** The template's REST API over HTTP, with its functions under AWS's runtime client. */
export type Gateway = {
  url: string;
  /** Resolves to the outcome of the latest request, once its function is free again. */
  latest: () => Promise<Outcome>;
  close: () => Promise<void>;
};

export const openGateway = async ({ model, sandbox }: Deployment): Promise<Gateway> => {
  let latest: Promise<Outcome> | undefined;
  const gateway = await startGateway({
    ...{ api: model.api, account: model.account, port: 0 },
    invoke: async (functionId, event, { requestId, sink } = {}) => {
      const fn = model.functions.get(functionId);
      if (!fn) throw new Error(`the template has no function ${functionId}`);
      const environment = await sandbox(fn);
      const answered = Promise.withResolvers<Outcome>();
      const free = environment.invoke(event, {
        ...(requestId !== undefined && { requestId }),
        onArrival: ({ bytes }) => sink?.write(bytes),
        onAnswered: answered.resolve,
      });
      latest = free;
      free.catch(answered.reject);
      // As on Lambda, the caller gets the answer before the function is free.
      const outcome = await answered.promise;
      if (outcome.error) throw new FunctionError(outcome.error);
      if (outcome.streamed) sink?.end();
      return outcome.streamed ? undefined : textOf(outcome);
    },
  });
  return {
    ...gateway,
    latest: () => latest ?? Promise.reject(new Error('latest() needs an earlier request')),
  };
};
