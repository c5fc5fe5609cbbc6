import { makeSqsDeadLetters } from '../../../lib/adapters/aws/sqs-dead-letters.ts';
import { makeSqs } from '../../../lib/adapters/aws/sqs-queues.ts';
import { makeSsmParameters } from '../../../lib/adapters/aws/ssm-parameters.ts';
import { configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { readVariables } from '../../../local/settings.ts';
import { CommandError, ROOT } from '../../command.ts';
import { type Finding, findingOn } from '../../finding.ts';
import { PROGRAM } from '../../program-name.ts';
import { type Deployment, environmentWithIndex, findDeployment } from '../../target/deployment.ts';
import type { Stage } from '../../target/stage.ts';
import { checkModels, UNUSED_NAMES } from '../init/check-models.ts';
import { checkEmbeddings, checkIndex } from '../init/check-vectors.ts';
import { alarmsInAlarm } from './alarms-in-alarm.ts';
import { checkHealth } from './check-health.ts';
import { checkKey } from './check-key.ts';

const TIMEOUT_MS = 15_000;

/** Checks a deployed stage from outside, with the credentials of the shell, and yields each result. */
export async function* checkStage(
  name: string,
  region: string | undefined,
  { online }: { online: boolean },
): AsyncGenerator<Finding> {
  let deployment: Deployment;
  try {
    deployment = await findDeployment({ stage: name, region }, process.env);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    yield findingOn('aws')('wrong', error.message);
    return;
  }
  const { stage, environment, api = '' } = deployment;
  if (stage === undefined) return;
  Object.assign(process.env, environment); // AWS clients read the region from there
  const target = `--stage ${name}${region === undefined ? '' : ` --region ${region}`}`;
  yield findingOn('aws')('ok', `the credentials may read the stack, in ${stage.region}`);
  yield checkStack(stage, name);
  yield* await checkHealth(api);
  yield await checkKey(api, readVariables(ROOT, process.env).EVERYTOKEN_KEY, target);
  yield* checkParameters(deployment, target);
  yield* checkDeadLetters(deployment, target);
  yield await checkAlarms(stage);
  if (online) yield* checkServices(deployment);
}

const checkStack = ({ stack, status }: Stage, name: string): Finding => {
  const finding = findingOn('stack');
  if (/_IN_PROGRESS$/.test(status)) return finding('note', `${stack} is ${status}; look again at its end`);
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return finding('ok', `${stack} is ${status}`);
  return finding(
    status === 'UPDATE_ROLLBACK_COMPLETE' ? 'note' : 'wrong',
    `${stack} is ${status}: the last deployment failed; its events say why, then deploy again (npx serverless deploy --stage ${name})`,
  );
};

/** That the keys are stored; their values are read and not shown. */
async function* checkParameters({ environment, stage }: Deployment, target: string): AsyncGenerator<Finding> {
  const finding = findingOn('ssm parameter');
  const { OPENAI_API_KEY_PARAMETER: openai, PINECONE_API_KEY_PARAMETER: pinecone } = environment;
  const names = [openai, pinecone].filter((name) => name !== undefined);
  if (names.length === 0) {
    yield finding(
      'note',
      'an earlier version deployed the stage, whose outputs name none; deploy this version',
    );
    return;
  }
  try {
    const stored = await makeSsmParameters({ region: stage?.region, timeoutMs: TIMEOUT_MS }).read(names);
    for (const name of names)
      yield stored.has(name)
        ? finding('ok', `${name} is stored`)
        : finding('wrong', `${name} does not exist; store it: ${PROGRAM} init ${target}`);
  } catch (error) {
    yield unread(finding, error, 'ssm:GetParameters');
  }
}

async function* checkDeadLetters({ queues }: Deployment, target: string): AsyncGenerator<Finding> {
  const finding = findingOn('dead letters');
  const dead = [...queues].filter(([id]) => id.endsWith('DeadLetters'));
  const client = makeSqs();
  try {
    const depths = await Promise.all(
      dead.map(async ([id, url]) => ({ id, depth: await makeSqsDeadLetters(client, url).depth() })),
    );
    const waiting = depths.filter(({ depth }) => depth > 0);
    if (waiting.length === 0) yield finding('ok', `none in ${depths.length} queues`);
    for (const { id, depth } of waiting)
      yield finding(
        'wrong',
        id === 'SweepDeadLetters'
          ? `${depth} in ${id}: the sweep failed or could not start; docs/operations.md, ${id}Alarm`
          : `${depth} in ${id}; find the cause (docs/operations.md), then ${PROGRAM} replay ${target}`,
      );
  } catch (error) {
    yield unread(finding, error, 'sqs:GetQueueAttributes');
  } finally {
    client.destroy();
  }
}

const checkAlarms = async (stage: Stage): Promise<Finding> => {
  const finding = findingOn('alarms');
  if (!stage.outputs.has('AlarmTopicArn'))
    return finding('note', 'are off; --param="alarms=on" of serverless deploy enables them (docs/deploy.md)');
  try {
    const names = await alarmsInAlarm(stage, TIMEOUT_MS);
    return names.length === 0
      ? finding('ok', 'none is in ALARM')
      : finding('wrong', `${names.join(', ')} in ALARM; docs/operations.md has what to do, by name`);
  } catch (error) {
    return unread(finding, error, 'cloudwatch:DescribeAlarms');
  }
};

/** A part that these credentials may not read is no fault of the deployment. */
const unread = (finding: ReturnType<typeof findingOn>, error: unknown, permission: string): Finding => {
  const { name, message } = error as Error;
  return finding('note', `cannot be read: ${message || name}; it takes ${permission}`);
};

/** Asks the default model server, the embeddings and the index with the stage's keys. */
async function* checkServices(deployment: Deployment): AsyncGenerator<Finding> {
  const config = configurationOf({ ...UNUSED_NAMES, ...environmentWithIndex(deployment) });
  yield* await checkModels(config, { timeoutMs: TIMEOUT_MS, now: Date.now() });
  yield await checkEmbeddings(config, TIMEOUT_MS);
  yield await checkIndex(config, { cloud: 'aws', indexRegion: 'us-east-1', timeoutMs: TIMEOUT_MS }, false);
}
