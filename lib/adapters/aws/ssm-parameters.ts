import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

/** Secrets in SSM's Parameter Store. Throws the SDK's errors, untranslated. */
export type SsmParameters = {
  /** Decrypted values by name; names that do not exist are left out. */
  read: (names: readonly string[]) => Promise<Map<string, string>>;
  /**
   * Stores a parameter, encrypted with the account's own key for SSM. Resolves to false when the parameter exists and
   * `overwrites` is false.
   */
  put: (name: string, value: string, overwrites: boolean) => Promise<boolean>;
  region: () => Promise<string>;
};

const MAX_NAMES = 10;
const MAX_ATTEMPTS = 2;
/** Time for the pause between two attempts. */
const SLACK_MS = 1_000;

/** The SDK reads credentials, AWS_ENDPOINT_URL_SSM and, without `region`, the region from the environment. */
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
  // The SDK's own timeouts end with the response's headers, so a signal bounds the body.
  const deadline = () => ({ abortSignal: AbortSignal.timeout(MAX_ATTEMPTS * timeoutMs + SLACK_MS) });
  return {
    read: async (names) => {
      const values = new Map<string, string>();
      for (let at = 0; at < names.length; at += MAX_NAMES) {
        const Names = names.slice(at, at + MAX_NAMES);
        const { Parameters } = await client.send(
          new GetParametersCommand({ Names, WithDecryption: true }),
          deadline(),
        );
        for (const { Name, Value } of Parameters ?? []) if (Name && Value) values.set(Name, Value);
      }
      return values;
    },
    put: async (Name, Value, Overwrite) => {
      try {
        await client.send(
          new PutParameterCommand({ Name, Value, Overwrite, Type: 'SecureString' }),
          deadline(),
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
