/** Runs a stack in a process of its own, for tests that kill it. Argument: JSON of `{template, bundles, dataDir}`. */
import { startAws } from '../../../local/aws/start-aws.ts';

const { template, bundles, dataDir } = JSON.parse(process.argv[2] ?? '{}');
const aws = await startAws({
  template,
  bundles: (functionId) => `${bundles}/${functionId}`,
  dataDir,
  ...{ port: 0, environment: {}, log: () => {} },
});
process.send?.(aws);
process.on('message', async ({ invoke, event }) => {
  process.send?.({ answer: await aws.invoke(invoke, event) });
});
