import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

/** Secrets in SSM's Parameter Store. Errors are the SDK's own. */
export type SsmParameters = {
  /** The values of those that exist, decrypted. */
  read: (names: readonly string[]) => Promise<Map<string, string>>;
  /** Stores one encrypted with the account's own key for SSM. Resolves with false where it exists and may not be overwritten. */
  put: (name: string, value: string, overwrites: boolean) => Promise<boolean>;
  region: () => Promise<string>;
};

const MAX_NAMES = 10;
const MAX_ATTEMPTS = 2;
/** For the pause between two tries. */
const SLACK_MS = 1_000;

/** Region, credentials and AWS_ENDPOINT_URL_SSM come from the environment, as the SDK itself reads them. */
export const makeSsmParameters = ({
  region,
  timeoutMs,
}: {
  region: string | undefined;
  timeoutMs: number;
}): SsmParameters => {
  const requestHandler = {
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    throwOnRequestTimeout: true,
  };
  const client = new SSMClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler,
    ...(region === undefined ? {} : { region }),
  });
  // The SDK's own limits end with an answer's headers.
  const inTime = () => ({ abortSignal: AbortSignal.timeout(MAX_ATTEMPTS * timeoutMs + SLACK_MS) });
  return {
    read: async (names) => {
      const values = new Map<string, string>();
      for (let at = 0; at < names.length; at += MAX_NAMES) {
        const Names = names.slice(at, at + MAX_NAMES);
        const { Parameters } = await client.send(
          new GetParametersCommand({ Names, WithDecryption: true }),
          inTime(),
        );
        for (const { Name, Value } of Parameters ?? []) if (Name && Value) values.set(Name, Value);
      }
      return values;
    },
    put: async (Name, Value, Overwrite) => {
      try {
        await client.send(
          new PutParameterCommand({ Name, Value, Overwrite, Type: 'SecureString' }),
          inTime(),
        );
        return true;
      } catch (error) {
        if ((error as Error).name === 'ParameterAlreadyExists') return false;
        throw error;
      }
    },
    region: () => client.config.region(),
  };
};
