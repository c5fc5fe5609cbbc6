import { CommandError, UsageError } from '../command.ts';
import type { Stage } from './stage.ts';

/** A deployment whose stores and queues a command works on, without its API. `variables`: those of the shell name it. */
export type Deployment = {
  kind: 'local' | 'stage' | 'variables';
  /** How a person knows it: `local stack`, `stage prod in eu-west-1`, `table runs`. */
  name: string;
  /** The variables of its functions, and those that lead the clients of AWS to it. */
  environment: Environment;
  /** The URLs of its queues by logical id, such as `JobsQueue`; empty where variables name it. */
  queues: ReadonlyMap<string, string>;
  /** The address of its API; undefined where variables name it. */
  api?: string;
  /** The stage's stack. */
  stage?: Stage;
};

type Environment = Record<string, string | undefined>;

/** The variables of a stage's functions that its outputs have; PINECONE_INDEX is the output PineconeIndex. */
const VARIABLES_IN_OUTPUTS = [
  ...['TABLE_NAME', 'BUS_NAME', 'JOBS_QUEUE_URL', 'INTAKE_QUEUE_URL', 'EXPORT_QUEUE_URL', 'DEPLOYMENT_ID'],
  ...['OPENAI_BASE_URL', 'OPENAI_API_KEY_PARAMETER', 'DEFAULT_MODEL', 'EMBEDDING_MODEL'],
  ...['EMBEDDING_DIMENSIONS', 'EMBEDDING_BASE_URL', 'PINECONE_CONTROLLER_HOST'],
  ...['PINECONE_API_KEY_PARAMETER', 'PINECONE_INDEX', 'PINECONE_NAMESPACE', 'RETENTION_DAYS', 'USAGE_KEYS'],
];

/**
 * The deployment that a command line names: a stage by the outputs of its stack, else the table of TABLE_NAME with the
 * variables of the shell, else the running local stack. For a stage the shell says nothing but the credentials.
 *
 * @throws {CommandError} when the stage or the local stack is not found
 */
export const findDeployment = async (
  { stage, region }: { stage?: string | undefined; region?: string | undefined },
  env: Environment,
): Promise<Deployment> => {
  if (region !== undefined && stage === undefined) throw new UsageError('--region needs --stage');
  // Imported on demand: each way has modules of its own.
  if (stage !== undefined) {
    const { describeStage } = await import('./stage.ts');
    const found = await describeStage(stage, region);
    return {
      kind: 'stage',
      name: `stage ${stage} in ${found.region}`,
      environment: { ...environmentIn(found.outputs), AWS_REGION: found.region },
      queues: queuesIn(found.outputs),
      api: found.address,
      stage: found,
    };
  }
  if (env.TABLE_NAME)
    return {
      kind: 'variables',
      name: `table ${env.TABLE_NAME}`,
      environment: env,
      queues: new Map(),
    };
  const { environmentOf, readStackFile } = await import('../running-stack.ts');
  const { stack, variables } = readStackFile(env, 'name a deployment with --stage');
  return {
    kind: 'local',
    name: 'local stack',
    environment: environmentOf(stack, variables),
    queues: new Map(Object.entries(stack.queues)),
    api: stack.api,
  };
};

/** The variables of a stage's functions, from the outputs of its stack. */
export const environmentIn = (outputs: ReadonlyMap<string, string>): Environment => {
  const found = VARIABLES_IN_OUTPUTS.map((name) => [name, outputs.get(outputOf(name))] as const);
  return {
    ...Object.fromEntries(found.filter(([, value]) => value !== undefined)),
    CONTENT_BUCKET: outputs.get('ContentBucketName'),
  };
};

const outputOf = (variable: string): string =>
  variable
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');

const queuesIn = (outputs: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map(
    [...outputs].flatMap(([name, url]) => {
      const [, id] = /^(\w+(?:Queue|DeadLetters))Url$/.exec(name) ?? [];
      return id === undefined ? [] : [[id, url] as const];
    }),
  );

/**
 * The deployment's variables, with those of its index among them.
 *
 * @throws {CommandError} when it has none: PINECONE_NAMESPACE is not set, or an earlier version deployed the stage
 */
export const environmentWithIndex = ({ kind, name, environment }: Deployment): Environment => {
  if (kind === 'variables' && environment.PINECONE_NAMESPACE === undefined)
    throw new CommandError(
      "PINECONE_NAMESPACE is not set: set it to the deployment's, by default its stage and a colon, such as prod:",
    );
  if (kind === 'stage' && !environment.PINECONE_API_KEY_PARAMETER)
    throw new CommandError(
      `${name} was deployed by an earlier version, whose outputs lack its index; deploy this version first, or set TABLE_NAME and the other variables (docs/operations.md)`,
    );
  return environment;
};
