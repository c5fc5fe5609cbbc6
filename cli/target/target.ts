import { readVariables } from '../../local/settings.ts';
import { CommandError, ROOT, UsageError } from '../command.ts';

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
 * local stack that runs on this data folder. The key is EVERYTOKEN_KEY, of `env` or of `.env` in `root`; a
 * local stack's own file has one, too.
 *
 * @throws {CommandError} when both are named, or the stage or the local stack is not found
 */
export const findTarget = async (
  { api, stage, region }: TargetOptions,
  env: Env,
  root = ROOT,
): Promise<Target> => {
  if (api !== undefined && stage !== undefined)
    throw new UsageError('--api and --stage exclude each other: give the address or the name of a stage');
  if (region !== undefined && stage === undefined) throw new UsageError('--region needs --stage');
  const apiKey = keyOf(readVariables(root, env).EVERYTOKEN_KEY);
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

/** A header takes no line break. A value that is no key is not printed: it may be one with something behind it. */
const keyOf = (text: string | undefined): string | undefined => {
  const key = text?.trim();
  if (!key) return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CommandError(
    'EVERYTOKEN_KEY holds a space, a line break or a letter that is in no key; set it to the key alone',
  );
};

const addressOf = (text: string): string => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(
      `'${text}' is not an address: --api takes one such as https://abc.execute-api.eu-west-1.amazonaws.com/prod`,
    );
  // Neither is sent, and the address is printed: the key of an API must not stand in it.
  if (url.username || url.password || url.search || url.hash)
    throw new UsageError(
      '--api takes an address without a user, a password or a query; the key goes into EVERYTOKEN_KEY',
    );
  return url.href.replace(/\/+$/, '');
};
