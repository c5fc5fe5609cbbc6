import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CommandError, CREDENTIALS_ERROR, UsageError } from '../command.ts';

/** A deployed stage: its address, and the outputs of its stack by their names (infra/outputs.yml). */
export type Stage = {
  stack: string;
  /** The state of the stack, such as UPDATE_COMPLETE. */
  status: string;
  region: string;
  address: string;
  outputs: ReadonlyMap<string, string>;
};

const SERVICE = 'everytoken';
/** The name that the Serverless Framework gives to the output with the API's address. */
const ADDRESS = 'ServiceEndpoint';

/**
 * Reads the outputs of a stage's stack.
 *
 * @throws {CommandError} with the remedy: no region, no credentials, no such stack
 */
export const describeStage = async (stage: string, region?: string): Promise<Stage> => {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(stage))
    throw new UsageError('--stage takes a name of letters, digits and hyphens, such as prod');
  const stack = `${SERVICE}-${stage}`;
  const client = new CloudFormationClient({ ...(region && { region }), maxAttempts: 3 });
  try {
    const used = await client.config.region();
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }), {
      abortSignal: AbortSignal.timeout(20_000),
    });
    const outputs = new Map(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    const address = outputs.get(ADDRESS);
    if (address === undefined)
      throw new CommandError(
        `the stack ${stack} in ${used} has no address: deploy it (npx serverless deploy --stage ${stage})`,
      );
    return { stack, status: Stacks[0]?.StackStatus ?? 'UNKNOWN', region: used, address, outputs };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`stage ${stage}: ${reasonOf(error as Error, stack)}`, { cause: error });
  } finally {
    client.destroy();
  }
};

const reasonOf = ({ name, message }: Error, stack: string): string => {
  if (message.startsWith('Region ')) return 'no region is set; give --region, or set AWS_REGION';
  if (/does not exist/.test(message))
    return `there is no stack ${stack} in this account and region; check --stage, --region and AWS_PROFILE`;
  if (CREDENTIALS_ERROR.test(name))
    return `${message}; check the AWS credentials (AWS_PROFILE), which need cloudformation:DescribeStacks`;
  return `${message || name}; check the region and the network`;
};
