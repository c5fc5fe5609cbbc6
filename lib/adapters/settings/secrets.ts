import { ageMs, type Clock, type Instant, instantOf } from '../../async/clock.ts';
import { ConfigurationError } from '../../errors.ts';
import { requestLimits } from '../aws/client-options.ts';
import { systemClock } from '../system.ts';

/** A secret's value, or the name of the SSM parameter that holds it; undefined when neither is configured. */
export type SecretSource = { value: string } | { parameter: string } | undefined;

/** Reads a secret. A parameter's value is cached for five minutes; after `forget` the next `read` fetches it again. */
type Secret = { read: () => Promise<string>; forget: () => void };

const MAX_AGE_MS = 5 * 60_000;
const LIMITS = { maxAttempts: 3, requestHandler: requestLimits(5_000) };

/**
 * Makes a secret from its source. Errors include `name`, never the value.
 * @throws {ConfigurationError} From `read`, when the source is undefined, or the parameter is empty or unreadable.
 */
export const makeSecret = (source: SecretSource, name: string, clock: Clock = systemClock): Secret => {
  if (!source) {
    return {
      read: async () => {
        throw new ConfigurationError(`set ${name}, or ${name}_PARAMETER to the name of an SSM parameter`);
      },
      forget: () => {},
    };
  }
  if ('value' in source) return { read: async () => source.value, forget: () => {} };
  let held: { value: Promise<string>; readAt: Instant } | undefined;
  return {
    read: () => {
      if (!held || ageMs(held.readAt, clock) > MAX_AGE_MS) {
        const readAt = instantOf(clock);
        const value = readParameter(source.parameter);
        held = { value, readAt };
        // A failed read is not cached.
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

/**
 * Calls a client built with a secret's value, and rebuilds the client when the value changes. `make` may load the client's
 * module first, so that a function starts without it. When a call throws
 * `ConfigurationError`, as for a refused key, the secret is read again and the call repeated once if it has changed.
 *
 * @example
 * const use = withKey(makeSecret(source, 'PINECONE_API_KEY'), async (apiKey) => {
 *   const { makePineconeIndex } = await import('../pinecone/vector-index.ts');
 *   return makePineconeIndex({ apiKey, ...options });
 * });
 * await use((index) => index.ensure());
 */
export const withKey = <Client>(secret: Secret, make: (apiKey: string) => Client | Promise<Client>) => {
  let held: { apiKey: string; client: Client | Promise<Client> } | undefined;
  const current = async (): Promise<Client> => {
    const apiKey = await secret.read();
    if (held?.apiKey !== apiKey) held = { apiKey, client: make(apiKey) };
    return await held.client;
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
  // Loaded only when a parameter is configured, because the client adds some 50 ms to a cold start.
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  try {
    const { Parameter } = await new SSMClient(LIMITS).send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    if (Parameter?.Value) return Parameter.Value;
  } catch (error) {
    throw new ConfigurationError(
      `the SSM parameter ${name} cannot be read; check that it exists and the role may read it`,
      {
        cause: error,
      },
    );
  }
  throw new ConfigurationError(`the SSM parameter ${name} is empty`);
};
