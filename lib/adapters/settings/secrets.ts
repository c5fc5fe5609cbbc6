import { ConfigurationError } from '../../errors.ts';
import { requestLimits } from '../aws/limits.ts';

/** A secret is given as itself, or as the name of the SSM parameter that holds it. */
export type SecretSource = { value: string } | { parameter: string } | undefined;

/** Reads a secret; a parameter's value is kept for five minutes. `forget` makes the next call read it again. */
type Secret = { read: () => Promise<string>; forget: () => void };

const MAX_AGE_MS = 5 * 60_000;
const LIMITS = { maxAttempts: 3, requestHandler: requestLimits(5_000) };

/** `name` stands in the error that tells what is missing; the value never does. */
export const makeSecret = (source: SecretSource, name: string, now: () => number = Date.now): Secret => {
  if (!source) {
    return {
      read: async () => {
        throw new ConfigurationError(`set ${name}, or ${name}_PARAMETER to the name of an SSM parameter`);
      },
      forget: () => {},
    };
  }
  if ('value' in source) return { read: async () => source.value, forget: () => {} };
  let held: { value: Promise<string>; readAt: number } | undefined;
  return {
    read: () => {
      if (!held || now() - held.readAt > MAX_AGE_MS) {
        const value = readParameter(source.parameter);
        held = { value, readAt: now() };
        // A failed reading is not kept.
        value.catch(() => {
          held = undefined;
        });
      }
      return held.value;
    },
    forget: () => {
      held = undefined;
    },
  };
};

/** A client made with a secret's value, made anew when that has changed; a refused key is read again, once. */
export const withKey = <Client>(secret: Secret, make: (apiKey: string) => Client) => {
  let held: { apiKey: string; client: Client } | undefined;
  const current = async (): Promise<Client> => {
    const apiKey = await secret.read();
    if (held?.apiKey !== apiKey) held = { apiKey, client: make(apiKey) };
    return held.client;
  };
  return async <Result>(call: (client: Client) => Promise<Result>): Promise<Result> => {
    const client = await current();
    try {
      return await call(client);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      secret.forget();
      const fresh = await current();
      if (fresh === client) throw error;
      return call(fresh);
    }
  };
};

const readParameter = async (name: string): Promise<string> => {
  // Loaded only where a parameter is named: the client would cost every cold start some 50 ms.
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  try {
    const { Parameter } = await new SSMClient(LIMITS).send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    if (Parameter?.Value) return Parameter.Value;
  } catch (error) {
    throw new ConfigurationError(`the SSM parameter ${name} cannot be read; does it exist?`, {
      cause: error,
    });
  }
  throw new ConfigurationError(`the SSM parameter ${name} is empty`);
};
