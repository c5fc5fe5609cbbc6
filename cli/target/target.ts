import { UsageError } from '../command.ts';

/** How a command line names the deployment that it speaks to. */
export type TargetOptions = {
  api?: string | undefined;
  stage?: string | undefined;
  region?: string | undefined;
};

export type Target = {
  /** How a person knows it: `local stack`, `stage prod`. */
  name: string;
  /** The API's address with its stage, without a slash at the end. */
  api: string;
  apiKey: string | undefined;
};

type Env = Record<string, string | undefined>;

/**
 * The API that the options name: an address (`--api`), a deployed stage by its stack's outputs (`--stage`), else the
 * local stack that runs on this data folder. The key is EVERYTOKEN_KEY; a local stack's own file has one, too.
 *
 * @throws {CommandError} when both are named, or the stage or the local stack is not found
 */
export const findTarget = async ({ api, stage, region }: TargetOptions, env: Env): Promise<Target> => {
  if (api !== undefined && stage !== undefined)
    throw new UsageError('--api and --stage exclude each other: give the address or the name of a stage');
  if (region !== undefined && stage === undefined) throw new UsageError('--region needs --stage');
  const apiKey = env.EVERYTOKEN_KEY || undefined;
  if (api !== undefined) return { name: 'API', api: addressOf(api), apiKey };
  // Imported on demand: each way has modules of its own.
  if (stage !== undefined) {
    const { describeStage } = await import('./stage.ts');
    const { address, region: found } = await describeStage(stage, region);
    return { name: `stage ${stage} in ${found}`, api: addressOf(address), apiKey };
  }
  const { readStackFile } = await import('../running-stack.ts');
  const { stack } = readStackFile(env, 'name a deployment with --stage or --api');
  return {
    name: 'local stack',
    api: addressOf(stack.api),
    apiKey: apiKey ?? stack.credentials.api ?? undefined,
  };
};

const addressOf = (text: string): string => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(
      `'${text}' is not an address: --api takes one such as https://abc.execute-api.eu-west-1.amazonaws.com/prod`,
    );
  return text.replace(/\/+$/, '');
};
