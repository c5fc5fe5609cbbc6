import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { own } from '../lib/json/value.ts';
import { readSettings, type UserVariables } from '../local/settings.ts';
import type { StackFile } from '../local/stack-file.ts';
import { CommandError, ROOT } from './command.ts';

/**
 * Reads the `stack.json` of the local stack that runs on the data folder. `instead` ends the error's sentence with the
 * way to name a deployment.
 *
 * @throws {CommandError} when no local stack runs, or one of an earlier version
 */
export const readStackFile = (
  env: Record<string, string | undefined>,
  instead: string,
): { stack: StackFile; variables: UserVariables } => {
  const { dataDir, variables } = readSettings(ROOT, env);
  const file = join(dataDir, 'stack.json');
  if (!existsSync(file)) {
    throw new CommandError(`no local stack runs in ${dataDir}: start one (npm start), or ${instead}`);
  }
  const stack = JSON.parse(readFileSync(file, 'utf8')) as StackFile;
  // Written by an earlier version, whose stack may still run.
  if (stack.credentials === undefined)
    throw new CommandError(`${file} has no credentials: stop the stack and start it again (npm start)`);
  return { stack, variables };
};

/** The variables that point the functions' composition to the parts of a local stack. */
export const environmentOf = (stack: StackFile, variables: UserVariables): Record<string, string> => {
  const isForeign = Object.keys(variables).some((name) => name.startsWith('AWS_ENDPOINT_URL_'));
  const key = stack.credentials.aws;
  const [bucket = ''] = Object.values(stack.buckets);
  const ownsEmbeddings = ['EMBEDDING_BASE_URL', 'OPENAI_BASE_URL', 'OPENAI_API_KEY'].some(
    (name) => own(variables, name) !== undefined,
  );
  return {
    EMBEDDING_MODEL: ownsEmbeddings ? 'text-embedding-3-small' : 'everytoken-use',
    PINECONE_NAMESPACE: stack.namespace,
    DEPLOYMENT_ID: stack.deployment,
    ...variables,
    ...(stack.credentials.pinecone !== null && { PINECONE_API_KEY: stack.credentials.pinecone }),
    // The user's own services need the user's own credentials.
    ...(!isForeign &&
      key && {
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: key.access_key_id,
        AWS_SECRET_ACCESS_KEY: key.secret_access_key,
        AWS_SESSION_TOKEN: '',
        AWS_PROFILE: '', // the SDK prefers a profile over keys
      }),
    AWS_ENDPOINT_URL_DYNAMODB: stack.dynamodb,
    AWS_ENDPOINT_URL_S3: stack.s3,
    AWS_ENDPOINT_URL_SQS: stack.sqs,
    AWS_ENDPOINT_URL_EVENTBRIDGE: stack.events,
    TABLE_NAME: stack.table ?? '',
    CONTENT_BUCKET: bucket,
    BUS_NAME: stack.bus ?? '',
    PINECONE_CONTROLLER_HOST: stack.pinecone,
    PINECONE_INDEX: stack.index,
  };
};
