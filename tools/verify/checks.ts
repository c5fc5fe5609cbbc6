/**
 * Runs all checks. `run.ts` starts this file as a child process, in a network namespace with nothing but the loopback
 * where the machine allows one.
 */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { packageFunctions } from '../../local/package-functions.ts';
import { exitOnSignal, runCommand } from '../command.ts';
import { checkBrokenStreams } from './checks/broken-streams.ts';
import { checkQueueEvents, checkSchedule } from './checks/events.ts';
import { checkHttp } from './checks/http.ts';
import { checkInitialisation } from './checks/initialisation.ts';
import { checkLogs } from './checks/logs.ts';
import { checkPromptFile } from './checks/prompt-file.ts';
import { checkStreaming } from './checks/streaming.ts';
import { checkTable } from './checks/table.ts';
import { checkWriteUnits } from './checks/write-units.ts';
import { type Deployment, deploy } from './deployment.ts';
import { openGateway } from './gateway.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from './programs/dynamodb-local.ts';
import { openQueues } from './queues.ts';
import { makeReport, must, type Report } from './report.ts';

/** The path of a prepared tool, or the remedy when it could not be prepared. */
export type Tool = { path: string } | { remedy: string };

/** The argument of this process, as JSON. */
export type Prepared = {
  root: string;
  /** The cache folder for packages, models and tools. */
  cache: string;
  /** Whether the checks run in a network namespace of their own, with nothing but the loopback. */
  isolated: boolean;
  /** AWS's runtime client, aws-lambda-ric. */
  ric: Tool;
  dynamodbLocal: Tool;
};

const checkFunctions = async (deployment: Deployment, ric: string, report: Report): Promise<void> => {
  const gateway = await openGateway(deployment);
  const queues = openQueues(deployment);
  try {
    await checkBrokenStreams(deployment, ric, report);
    await checkInitialisation(deployment, report);
    await checkHttp(deployment, gateway, report);
    await checkStreaming(deployment, gateway, report);
    await checkQueueEvents(deployment, queues, gateway, report);
    await checkPromptFile(deployment, queues, report);
    await checkSchedule(deployment, queues, gateway, report);
    await checkLogs(deployment, report);
  } finally {
    await gateway.close();
  }
};

const checkIsolation = (report: Report): Promise<void> =>
  report.check('only this machine can be reached', async () => {
    const names = Object.keys(networkInterfaces()).filter((name) => name !== 'lo');
    must(names.length === 0, `there are other network interfaces: ${names.join(', ')}`);
    return undefined;
  });

const main = async ({ root, cache, isolated, ric, dynamodbLocal }: Prepared): Promise<number> => {
  const report = makeReport(console.log);
  report.part('Where this runs');
  if (isolated) await checkIsolation(report);
  let local: DynamoDbLocal | undefined;
  let deployment: Deployment | undefined;
  try {
    if ('remedy' in dynamodbLocal) report.notRun('DynamoDB Local', dynamodbLocal.remedy);
    else
      await report.check('DynamoDB Local starts', async () => {
        local = await startDynamoDbLocal(dynamodbLocal.path);
        return undefined;
      });
    const packaged = await packageFunctions(root, join(cache, 'packages'));
    deployment = await deploy({
      ...{ packaged, dynamodb: local?.url, modelCache: join(cache, 'model') },
      ric: 'path' in ric ? ric.path : '',
    });
    console.log(
      `  Node ${process.version}; DynamoDB is ${local ? "AWS's DynamoDB Local" : "the local stack's"}`,
    );
    if ('remedy' in ric) report.notRun('the functions under aws-lambda-ric', ric.remedy);
    else await checkFunctions(deployment, ric.path, report);
    for (const table of deployment.model.tables) if (local) await checkTable(root, local.url, table, report);
    if (local) await checkWriteUnits(packaged, local.url, report);
  } finally {
    await deployment?.close();
    await local?.close();
  }
  return report.conclude();
};

// Processes that the checks start listen for this process's exit and end with it.
exitOnSignal();
await runCommand(() => main(JSON.parse(process.argv[2] ?? '{}') as Prepared));
