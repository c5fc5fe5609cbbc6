import { makeSsmParameters } from '../../../lib/adapters/aws/ssm-parameters.ts';
import { type Configuration, configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import type { SecretSource } from '../../../lib/adapters/settings/secrets.ts';
import { CREDENTIALS_ERROR } from '../../command.ts';
import { type Finding, findingOn } from '../../finding.ts';
import { checkGeneration, checkModels, isKeyAccepted, UNUSED_NAMES } from './check-models.ts';
import {
  checkEmbeddingKey,
  checkParameters,
  checkProviderKeys,
  parametersOf,
  type StoredKey,
} from './check-parameters.ts';
import { checkEmbeddings, checkIndex } from './check-vectors.ts';
import type { InitOptions } from './options.ts';

/**
 * Checks the prerequisites of a deployment, in order: models, embeddings, index, the stage's parameters. It yields each
 * result as a finding, failures included.
 *
 * @throws {ConfigurationError} when the variables are missing or invalid
 */
export async function* initialise(
  variables: Record<string, string>,
  options: InitOptions,
): AsyncGenerator<Finding> {
  Object.assign(process.env, variables); // AWS clients read addresses and keys from there
  if (options.region !== undefined) process.env.AWS_REGION = options.region;
  const config = configurationOf({ ...storedNames(options.stage, variables), ...variables, ...UNUSED_NAMES });

  const models = await checkModels(config, { timeoutMs: options.timeoutMs, now: Date.now() });
  yield* models;
  if (options.tryModel) yield await checkGeneration(config, options.timeoutMs);
  const embeddings = await checkEmbeddings(config, options.timeoutMs);
  yield embeddings;
  const index = await checkIndex(config, options, !options.checkOnly && embeddings.state === 'ok');
  yield index;
  if (options.stage === undefined) return;
  yield* checkProviderKeys(config, options.stage);
  yield* checkEmbeddingKey(variables);
  const works = { openai: isKeyAccepted(models), pinecone: index.state === 'ok' };
  yield* parameterFindings(keysOf(config, options.stage, works), options);
}

/** Reads keys that are not set from the stage's parameters, as its functions do. */
const storedNames = (
  stage: string | undefined,
  variables: Record<string, string>,
): Record<string, string> => {
  if (stage === undefined) return {};
  const { openai, pinecone } = parametersOf(stage);
  return {
    ...(variables.OPENAI_API_KEY === undefined && { OPENAI_API_KEY_PARAMETER: openai }),
    ...(variables.PINECONE_API_KEY === undefined && { PINECONE_API_KEY_PARAMETER: pinecone }),
  };
};

const keysOf = (
  { openai, pinecone }: Configuration,
  stage: string,
  works: { openai: boolean; pinecone: boolean },
): StoredKey[] => {
  const names = parametersOf(stage);
  return [
    {
      variable: 'OPENAI_API_KEY',
      parameter: names.openai,
      value: givenIn(openai.apiKey),
      works: works.openai,
    },
    {
      variable: 'PINECONE_API_KEY',
      parameter: names.pinecone,
      value: givenIn(pinecone.apiKey),
      works: works.pinecone,
    },
  ];
};

const givenIn = (source: SecretSource): string | undefined =>
  source && 'value' in source ? source.value : undefined;

async function* parameterFindings(
  keys: readonly StoredKey[],
  { region, timeoutMs, rotate, checkOnly }: InitOptions,
): AsyncGenerator<Finding> {
  const finding = findingOn('aws');
  const { read, put, region: regionOf } = makeSsmParameters({ region, timeoutMs });
  try {
    const stored = await read(keys.map(({ parameter }) => parameter));
    yield finding('ok', `parameters in ${await regionOf()}; give serverless deploy that --region`);
    yield* checkParameters(keys, stored, put, { rotate, checkOnly });
  } catch (error) {
    yield finding('wrong', `SSM: ${withoutKeys(reasonOf(error), keys)}`);
  }
}

const reasonOf = (error: unknown): string => {
  const { name, message } = error as Error;
  if (message.startsWith('Region ')) return 'no region is set; give --region, or set AWS_REGION';
  if (CREDENTIALS_ERROR.test(name))
    return `${message}; check the AWS credentials (AWS_PROFILE), which need ssm:GetParameters and ssm:PutParameter`;
  return `${message || name}; check the region and the network`;
};

/** Hides keys in an error: a service may quote the value it rejected. */
const withoutKeys = (text: string, keys: readonly StoredKey[]): string =>
  keys.reduce((rest, { value }) => (value ? rest.replaceAll(value, '…') : rest), text);
