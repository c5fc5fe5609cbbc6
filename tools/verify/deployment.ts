import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { makeDynamoRunStore } from '../../lib/adapters/dynamodb/run-store.ts';
import type { RunStore } from '../../lib/runs/ports.ts';
import type { Template } from '../../local/aws/template/intrinsics.ts';
import { readTemplate } from '../../local/aws/template/read-template.ts';
import type { LambdaFunction, StackModel } from '../../local/aws/template/stack-model.ts';
import type { PackagedFunctions } from '../../local/package-functions.ts';
import { localAwsClients } from '../local-aws-clients.ts';
import { type Sandbox, startSandbox } from './runtime/start-sandbox.ts';
import { type Services, startServices } from './start-services.ts';

/** The packaged functions under AWS's runtime client, connected to services on this machine. */
export type Deployment = {
  model: StackModel;
  services: Services;
  runs: RunStore;
  s3: S3Client;
  sqs: SQSClient;
  bucket: string;
  /**
   * Finds a function by the file of its handler, without folders: `http`, `queue`, `embed`, …
   * @throws {Error} when the template has no such function
   */
  functionOf: (file: string) => LambdaFunction;
  /** Starts a new environment of a function with changed variables; `undefined` removes one. */
  start: (fn: LambdaFunction, variables?: Record<string, string | undefined>) => Promise<Sandbox>;
  /** Returns the environment that the checks of a function share; the first call starts it. */
  sandbox: (fn: LambdaFunction) => Promise<Sandbox>;
  close: () => Promise<void>;
};

export type DeploymentOptions = {
  packaged: PackagedFunctions;
  /** The path of aws-lambda-ric's entry file. */
  ric: string;
  modelCache: string;
  /** The URL of a DynamoDB to use; undefined: the local stack's. */
  dynamodb: string | undefined;
};

export const deploy = async (options: DeploymentOptions): Promise<Deployment> => {
  const { packaged, ric, modelCache, dynamodb: dynamodbUrl } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-verify-'));
  const names = { stackName: 'everytoken-verify', region: 'us-east-1', account: '000000000000' };
  const model = readTemplate(packaged.template as Template, names);
  const services = await startServices({
    ...{ model, dataDir, modelCache, dynamodb: dynamodbUrl },
    log: (line) => console.error(line),
  });
  const { dynamodb, s3, sqs, destroy } = localAwsClients(services, services);
  const started: Promise<Sandbox>[] = [];
  const shared = new Map<string, Promise<Sandbox>>();

  const start: Deployment['start'] = (fn, variables = {}) => {
    const folder = packaged.bundles(fn.id);
    const given = Object.entries({ ...services.environmentOf(fn, folder), ...variables });
    const environment = Object.fromEntries(
      given.filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const sandbox = startSandbox({ ...fn, ric, folder, environment });
    started.push(sandbox);
    return sandbox;
  };

  return {
    ...{ model, services, s3, sqs, start },
    runs: makeDynamoRunStore({ client: dynamodb, table: model.tables[0]?.name ?? '' }),
    bucket: model.buckets[0]?.name ?? '',
    functionOf: (file) => {
      const found = [...model.functions.values()].find(({ handler }) => handler.endsWith(`/${file}.handler`));
      if (!found) throw new Error(`the template has no function whose handler is ${file}.handler`);
      return found;
    },
    sandbox: (fn) => {
      const sandbox = shared.get(fn.id) ?? start(fn);
      shared.set(fn.id, sandbox);
      return sandbox;
    },
    close: async () => {
      for (const sandbox of await Promise.allSettled(started))
        if (sandbox.status === 'fulfilled') await sandbox.value.close();
      destroy();
      await services.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};
