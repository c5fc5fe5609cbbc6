import { join, resolve } from 'node:path';
import { type LocalAws, startAws } from '../../local/aws/start-aws.ts';
import type { Template } from '../../local/aws/template/intrinsics.ts';
import { startOpenaiProcess } from '../../local/openai/start-process.ts';
import { checkIndex } from '../../local/outside-services.ts';
import { packageFunctions } from '../../local/package-functions.ts';
import { startPinecone } from '../../local/pinecone/server.ts';
import { startSsm } from '../factories/ssm-server.ts';
import type { Place } from './aws-calls.ts';
import { type MoodyModel, startMoodyModel } from './moody-model.ts';
import { makeRecorder, type RecordedCall } from './recorder.ts';

export type RecordedStack = {
  aws: LocalAws;
  template: Template;
  place: Place;
  /** All calls of the functions so far. */
  calls: readonly RecordedCall[];
  /** Requests whose needed permissions or whose function are unknown. */
  unread: readonly string[];
  moody: MoodyModel;
  output: () => string;
  close: () => Promise<void>;
};

const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'node_modules', '.cache', 'everytoken');
const place: Place = { region: 'us-east-1', account: '000000000000' };
const index = 'autogen-text';
/** The value of all parameters. */
const KEY = 'a-key';
const KEYS = ['openai-api-key', 'pinecone-api-key', 'providers/moody'].map(
  (name) => `/everytoken/local/${name}`,
);

/**
 * The packaged functions on this machine, with every call of theirs to AWS recorded. Keys are in a parameter store, as
 * on AWS. A second provider, `moody`, follows its prompts.
 */
export const startRecordedStack = async (dataDir: string): Promise<RecordedStack> => {
  const { template, bundles, compileCache } = await packageFunctions(root, join(cache, 'packages'));
  const recorder = makeRecorder(place);
  const openai = await startOpenaiProcess({ pace: 0, apiKey: KEY, cacheDir: join(cache, 'model') });
  const pinecone = await startPinecone({ file: join(dataDir, 'vectors.sqlite'), apiKey: KEY });
  await checkIndex({ apiKey: KEY, controllerHost: pinecone.url }, index, 1536);
  const parameters = await startSsm();
  for (const Name of KEYS)
    parameters.parameters.set(Name, { Name, Value: KEY, Type: 'SecureString', Version: 1 });
  const moody = await startMoodyModel();
  const lines: string[] = [];
  const aws = await startAws({
    template: template as Template,
    ...{
      bundles,
      compileCache,
      dataDir: join(dataDir, 'aws'),
      port: 0,
      maxEnvironments: 8,
      maxQueueConcurrency: 8,
    },
    environment: {
      ANONYMOUS_CALLER: 'local',
      OPENAI_BASE_URL: openai.url,
      DEFAULT_MODEL: 'everytoken-ngram',
      EMBEDDING_BASE_URL: openai.url,
      EMBEDDING_MODEL: 'everytoken-use',
      PINECONE_CONTROLLER_HOST: pinecone.url,
      RETENTION_DAYS: '30',
      WORKERS: '10', // the scenario's caller needs five of them
      PRICES: JSON.stringify({
        'everytoken-ngram': { input: 1, output: 1, source: 'made up', as_of: '2026-11-29' },
      }),
      PROVIDERS: JSON.stringify({
        moody: { base_url: moody.url, api_key_parameter: '/everytoken/local/providers/moody' },
      }),
      AWS_ENDPOINT_URL_SSM: await recorder.inFrontOf('ssm', parameters.url),
    },
    functionEndpoints: recorder.inFrontOfAll,
    log: (line) => lines.push(line),
  });
  return {
    ...{ aws, place, moody },
    template: template as Template,
    calls: recorder.calls,
    unread: recorder.unread,
    output: () => lines.slice(-40).join('\n'),
    close: async () => {
      for (const part of [moody, aws, recorder, parameters, openai, pinecone]) await part.close();
    },
  };
};
