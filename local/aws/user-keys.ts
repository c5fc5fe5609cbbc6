import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { SQSClient } from '@aws-sdk/client-sqs';
import { isSameKey } from '../api-key.ts';
import { listen } from '../http.ts';
import { strangerIn } from '../strangers.ts';
import { credentialsIn, keyVariables, userCredentialVariables } from './credentials.ts';
import type { KeyRing } from './signing/signature.ts';

export type UserKeys = {
  /** Knows the user's own access keys, those of before a renewal too: a request may be under way with one. */
  keys: KeyRing;
  /** The variables by which a function's process gets the same credentials. */
  variables: Record<string, string>;
  close: () => Promise<void>;
};

/**
 * Reads the user's own AWS credentials as the official SDKs find them, for a stack of which some services are the
 * user's and others are local: a function's process signs for both with one access key, so the local ones must know it.
 * Credentials that expire are handed on by an endpoint such as that of containers, so that all processes have the same:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export const startUserKeys = async (region: string, userEnv: NodeJS.ProcessEnv): Promise<UserKeys> => {
  const { credentials: read } = new SQSClient({ region, ...credentialsIn(userEnv) }).config;
  const secrets = new Map<string, string>();
  const renew = async () => {
    const found = await read();
    secrets.set(found.accessKeyId, found.secretAccessKey);
    return found;
  };
  const found = await renew().catch(() => undefined);
  const keys = { get: (id: string) => secrets.get(id) };
  // Without credentials the functions' own errors say what is missing.
  if (found === undefined)
    return { keys, variables: userCredentialVariables(userEnv), close: async () => {} };
  if (found.expiration === undefined) {
    const token = found.sessionToken && { AWS_SESSION_TOKEN: found.sessionToken };
    return { keys, variables: { ...keyVariables(found), ...token }, close: async () => {} };
  }

  const token = randomBytes(24).toString('base64url');
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isOurs = isSameKey(request.headers.authorization ?? '', token);
    if (strangerIn(request) !== undefined || !isOurs) return void response.writeHead(403).end();
    const now = await renew().catch(() => undefined);
    if (now === undefined) return void response.writeHead(500).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        AccessKeyId: now.accessKeyId,
        SecretAccessKey: now.secretAccessKey,
        Token: now.sessionToken ?? '',
        Expiration: now.expiration?.toISOString() ?? '',
      }),
    );
  };
  const { url, close } = await listen(createServer((request, response) => void answer(request, response)));
  return {
    keys,
    variables: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    close,
  };
};
