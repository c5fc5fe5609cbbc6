import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type StackState, startCloudFormation } from '../factories/cloudformation-server.ts';

const require = createRequire(import.meta.url);
const Serverless = require('serverless');
const NextCommand = require('../../infra/next-command.cjs');

const stacks = new Map<string, StackState>();
let cloudformation: Awaited<ReturnType<typeof startCloudFormation>>;
beforeAll(async () => {
  cloudformation = await startCloudFormation(stacks);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await cloudformation?.close();
});

/** A plugin in place of the framework's own, whose command `deploy` deploys nothing. */
class Deploy {
  commands = { deploy: { lifecycleEvents: ['deploy'] } };
}

/** Runs `deploy` by the framework's plugin manager, and resolves to the lines of the section that the plugin adds. */
const deployed = async (endpoint = cloudformation.url): Promise<string[]> => {
  const serverless = new Serverless({ commands: ['deploy'], options: {}, serviceDir: null });
  // The framework's own run(), which also reads the service, makes these.
  Object.assign(serverless, { serviceOutputs: new Map(), servicePluginOutputs: new Map() });
  serverless.setProvider('aws', {
    getStage: () => 'dev',
    getRegion: () => 'eu-west-1',
    naming: { getStackName: () => 'everytoken-dev' },
    getAwsSdkV3Config: async () => ({
      ...{ endpoint, region: 'eu-west-1', maxAttempts: 1 },
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  });
  for (const plugin of [Deploy, NextCommand]) serverless.pluginManager.addPlugin(plugin);
  await serverless.pluginManager.run(['deploy']);
  return serverless.servicePluginOutputs.get('next');
};

const outputs = { ServiceEndpoint: 'https://abc.execute-api.eu-west-1.amazonaws.com/dev' };

test('a first deployment ends with the address, and the commands for the first key and the first call', async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  stacks.set('everytoken-dev', { outputs, createdAt: new Date().toISOString() });
  expect(await deployed()).toEqual([
    'address          https://abc.execute-api.eu-west-1.amazonaws.com/dev',
    'names and links  npx everytoken outputs --stage dev',
    'what is wrong    npx everytoken doctor --stage dev',
    'the first key    export EVERYTOKEN_KEY=$(npx everytoken keys add me --stage dev)',
    'the first call   npx everytoken run "Explain vector databases." --stage dev',
  ]);
});

test('a later deployment names the commands alone, with the region where the shell has another', async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  stacks.set('everytoken-dev', { outputs });
  expect(await deployed()).toEqual([
    'address          https://abc.execute-api.eu-west-1.amazonaws.com/dev',
    'names and links  npx everytoken outputs --stage dev --region eu-west-1',
    'what is wrong    npx everytoken doctor --stage dev --region eu-west-1',
  ]);
});

test('a deployment whose stack cannot be read afterwards has not failed', async () => {
  expect(await deployed('http://127.0.0.1:1')).toEqual([
    'names and links  npx everytoken outputs --stage dev --region eu-west-1',
    'what is wrong    npx everytoken doctor --stage dev --region eu-west-1',
  ]);
});
