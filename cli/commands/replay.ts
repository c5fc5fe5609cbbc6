import type { SQSClient } from '@aws-sdk/client-sqs';
import { Option } from '@commander-js/extra-typings';
import { withTable } from '../api-command.ts';
import { CommandError, type Define, examples, prose, UsageError } from '../command.ts';
import { type DeploymentContext, useDeployment, withDeployment } from '../deployment-command.ts';
import { ExitStatus } from '../exit-status.ts';
import { oneValue, parseWhole } from '../option-values.ts';
import type { Deployment } from '../target/deployment.ts';
import { type Column, printTable } from '../terminal/print-table.ts';
import { UNKNOWN } from '../terminal/units.ts';
import type { Replay } from './replay/find-replays.ts';

const LIMIT = 1_000;

export const define: Define = (command) => {
  withTable(withDeployment(command))
    .description(
      prose(`Moves dead letters back: those of a queue to that queue, those of an event rule to the rule's target queue. A letter is
deleted only after its copy is accepted. Exits with status 1 if a letter was not moved. Letters of the sweep stay: the
next minute's sweep does the same work.`),
    )
    .option('--queue <name>', 'one queue, by its logical id (JobsQueue) or that of its dead-letter queue')
    .addOption(
      new Option(
        '--queue-url <url>',
        'a queue by its URL; its redrive policy names its dead-letter queue',
      ).conflicts(['queue', 'stage']),
    )
    .option(
      '--dead-letters-url <url>',
      'with --queue-url: the dead-letter queue of an event rule that targets the queue',
    )
    .option(
      '--limit <n>',
      'at most this many letters of each queue',
      oneValue(parseWhole(1, 1_000_000)),
      LIMIT,
    )
    .option('--dry-run', 'count the waiting letters and move none')
    .addHelpText(
      'after',
      examples(
        ['everytoken replay --stage prod --dry-run', 'counts them, changes nothing'],
        ['everytoken replay --stage prod', 'all queues of the deployment'],
        ['everytoken replay --queue JobsQueue --limit 50', 'one queue of the local stack'],
      ),
    )
    .action(async (options) => {
      const { queue, queueUrl, deadLettersUrl } = options;
      if (deadLettersUrl !== undefined && queueUrl === undefined)
        throw new UsageError('--dead-letters-url needs --queue-url');
      const work = async ({ deployment, screen, json }: DeploymentContext) => {
        const [{ makeSqs }, { findReplays, replayOfUrls }] = await Promise.all([
          import('../../lib/adapters/aws/sqs-queues.ts'),
          import('./replay/find-replays.ts'),
        ]);
        const client = makeSqs();
        const replays =
          queueUrl === undefined
            ? await findReplays(client, queuesOf(deployment), queue)
            : [await replayOfUrls(client, { queueUrl, deadLettersUrl })];
        const rows: Replayed[] = [];
        for (const each of replays) rows.push(await replay(each, client, options));
        if (options.json) json({ data: rows });
        else printTable(screen, options.dryRun ? COLUMNS.slice(0, 2) : COLUMNS, rows, options);
        return rows.some(({ skipped, not_moved }) => (skipped ?? 0) + (not_moved ?? 0) > 0)
          ? ExitStatus.failed
          : ExitStatus.ok;
      };
      return useDeployment(options, work, queueUrl === undefined ? undefined : queueAlone(queueUrl));
    });
};

/** The queue that an URL names, of whatever deployment, with the SDK's own region and credentials. */
const queueAlone = (url: string): Deployment => ({
  kind: 'variables',
  name: `queue ${url}`,
  environment: {},
  queues: new Map(),
});

const queuesOf = ({ queues, kind, name }: Deployment): Record<string, string> => {
  if (queues.size === 0)
    throw new CommandError(
      kind === 'stage'
        ? `${name} was deployed by an earlier version, whose outputs lack its queues; deploy this version first, or name one with --queue-url`
        : "TABLE_NAME names no queues: unset it, name a stage with --stage, or a deployment's queue with --queue-url",
    );
  return Object.fromEntries([...queues].filter(([id]) => id !== 'SweepDeadLetters'));
};

/** The result for one queue; null for a dry run. `skipped`: letters without a known target. */
type Replayed = {
  queue: string;
  waiting: number;
  moved: number | null;
  skipped: number | null;
  not_moved: number | null;
};

const figure = (value: number | null): string => (value === null ? UNKNOWN : String(value));

const COLUMNS: readonly Column<Replayed>[] = [
  { title: 'queue', text: ({ queue }) => queue, left: true },
  { title: 'waiting', optional: true, text: ({ waiting }) => String(waiting) },
  { title: 'moved', text: ({ moved }) => figure(moved), csv: ({ moved }) => moved },
  { title: 'without target', text: ({ skipped }) => figure(skipped), csv: ({ skipped }) => skipped },
  { title: 'not moved', text: ({ not_moved }) => figure(not_moved), csv: ({ not_moved }) => not_moved },
];

const replay = async (
  { name, url, routeOf }: Replay,
  client: SQSClient,
  { limit, dryRun }: { limit: number; dryRun?: true | undefined },
): Promise<Replayed> => {
  const [{ makeSqsDeadLetters }, { replayDeadLetters }] = await Promise.all([
    import('../../lib/adapters/aws/sqs-dead-letters.ts'),
    import('../../lib/operate/replay-dead-letters.ts'),
  ]);
  const letters = makeSqsDeadLetters(client, url);
  const waiting = await letters.depth();
  if (dryRun) return { queue: name, waiting, moved: null, skipped: null, not_moved: null };
  const { moved, foreign, failed } = await replayDeadLetters(letters, routeOf, { limit });
  return { queue: name, waiting, moved, skipped: foreign, not_moved: failed };
};
