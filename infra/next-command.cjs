/**
 * A plugin of the Serverless Framework: a deployment ends with the address and the command to run next, the first one
 * also with the commands for the first key and the first call. It only reads the stack, and never fails a deployment.
 */
const EARLIER_MS = 60_000; // what the clocks of this machine and of CloudFormation may differ in

class NextCommand {
  constructor(serverless) {
    const begunAt = Date.now();
    this.hooks = {
      'after:deploy:deploy': async () => {
        const provider = serverless.getProvider('aws');
        const stack = await describe(provider);
        serverless.addServiceOutputSection('next', nextLines(provider, stack, begunAt));
      },
    };
  }
}

/** The deployed stack; undefined when it cannot be read now. */
const describe = async (provider) => {
  try {
    const { CloudFormationClient, DescribeStacksCommand } = require('@aws-sdk/client-cloudformation');
    const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
    const StackName = provider.naming.getStackName();
    return (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch {
    return undefined;
  }
};

const nextLines = (provider, stack, begunAt) => {
  const region = provider.getRegion();
  const isDefault = [process.env.AWS_REGION, process.env.AWS_DEFAULT_REGION].includes(region);
  const target = `--stage ${provider.getStage()}${isDefault ? '' : ` --region ${region}`}`;
  const address = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'ServiceEndpoint')?.OutputValue;
  const isFirst = stack?.CreationTime !== undefined && stack.CreationTime.getTime() > begunAt - EARLIER_MS;
  return [
    ...(address ? [`address          ${address}`] : []),
    `names and links  npx everytoken outputs ${target}`,
    `what is wrong    npx everytoken doctor ${target}`,
    ...(isFirst
      ? [
          `the first key    export EVERYTOKEN_KEY=$(npx everytoken keys add me ${target})`,
          `the first call   npx everytoken run "Explain vector databases." ${target}`,
        ]
      : []),
  ];
};

module.exports = NextCommand;
