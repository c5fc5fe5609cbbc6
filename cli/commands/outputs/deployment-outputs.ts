import { join } from 'node:path';
import { readSettings } from '../../../local/settings.ts';
import { ROOT } from '../../command.ts';
import { PROGRAM } from '../../program-name.ts';
import type { Deployment } from '../../target/deployment.ts';
import type { Stage } from '../../target/stage.ts';

/** The addresses and names of a deployment; null for what it does not have. */
export type Outputs = {
  deployment: string;
  api: string;
  /** The pages for people. */
  docs: string;
  region: string | null;
  table: string | null;
  bucket: string | null;
  /** Where a caller's prompt files are put, and where their results are found. */
  prompts: string | null;
  results: string | null;
  bus: string | null;
  index: string | null;
  namespace: string | null;
  queues: Record<string, string>;
  dead_letters: Record<string, string>;
  alarms: { topic: string; console: string } | null;
  /** The dashboard in CloudWatch's console. */
  dashboard: string | null;
  /** Commands to run next. */
  next: string[];
};

/** `target`: the options that name the deployment, for the commands to run next. */
export const outputsOf = (deployment: Deployment, target: string): Outputs => {
  const { name, environment, queues, api = '', stage } = deployment;
  const isDead = ([id]: [string, string]) => id.endsWith('DeadLetters');
  const all = [...queues].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const bucket = environment.CONTENT_BUCKET || null;
  return {
    deployment: name,
    api,
    docs: `${api}/docs`,
    region: stage?.region ?? null,
    table: environment.TABLE_NAME || null,
    bucket,
    ...(stage ? objectsIn(bucket) : foldersOfStack()),
    bus: environment.BUS_NAME || null,
    index: environment.PINECONE_INDEX ?? null,
    namespace: environment.PINECONE_NAMESPACE ?? null,
    queues: Object.fromEntries(all.filter((each) => !isDead(each))),
    dead_letters: Object.fromEntries(all.filter(isDead)),
    alarms: alarmsOf(stage),
    dashboard: dashboardOf(stage),
    next: [
      ...(stage ? [`export EVERYTOKEN_KEY=$(${PROGRAM} keys add me${target})`] : []),
      `${PROGRAM} run "Explain vector databases."${target}`,
      `${PROGRAM} doctor${target}`,
    ],
  };
};

const objectsIn = (bucket: string | null) => ({
  prompts: bucket && `s3://${bucket}/prompts/@CALLER/`,
  results: bucket && `s3://${bucket}/results/prompts/@CALLER/`,
});

/** The local stack takes files from a folder, too, which needs no client of S3. */
const foldersOfStack = () => {
  const { dataDir } = readSettings(ROOT, process.env);
  return { prompts: join(dataDir, 'drop/'), results: join(dataDir, 'results/') };
};

const alarmsOf = (stage: Stage | undefined): Outputs['alarms'] => {
  const topic = stage?.outputs.get('AlarmTopicArn');
  if (stage === undefined || topic === undefined) return null;
  return { topic, console: `${consoleOf(stage.region)}#alarmsV2:?search=${encodeURIComponent(stage.stack)}` };
};

const dashboardOf = (stage: Stage | undefined): string | null => {
  const name = stage?.outputs.get('DashboardName');
  if (stage === undefined || name === undefined) return null;
  return `${consoleOf(stage.region)}#dashboards/dashboard/${encodeURIComponent(name)}`;
};

/** CloudWatch's console for a region; China and GovCloud have hosts of their own. */
const consoleOf = (region: string): string => {
  const host = region.startsWith('cn-')
    ? 'console.amazonaws.cn'
    : region.startsWith('us-gov-')
      ? 'console.amazonaws-us-gov.com'
      : `${region}.console.aws.amazon.com`;
  return `https://${host}/cloudwatch/home?region=${region}`;
};
