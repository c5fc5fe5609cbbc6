import { setTimeout as pause } from 'node:timers/promises';
import type { RunQuery, RunSummary } from '../../client/index.ts';
import type { ApiContext } from '../api-command.ts';
import { ExitStatus } from '../exit-status.ts';
import { tableLines } from '../terminal/print-table.ts';
import { printableLine } from '../terminal/printable.ts';
import { localTime, shortTime } from '../terminal/time.ts';
import { dollars, milliseconds, whole } from '../terminal/units.ts';
import { SHOWN } from './list-columns.ts';
import { readList } from './list-query.ts';

const EVERY_MS = 2_000;
/** The titles, and the line below the table. */
const OTHER_LINES = 2;

/** Shows the list as it changes, until Ctrl-C. Where lines cannot be redrawn, each run that ends gets one. */
export const watchList = async (query: RunQuery, limit: number, context: ApiContext): Promise<number> => {
  try {
    await (context.screen.isLive ? watchLive(query, limit, context) : watchEnds(query, context));
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
  return ExitStatus.interrupted;
};

/** Runs `show` again and again. After the first time, a failure is told and the next attempt follows. */
const repeat = async (
  show: () => Promise<void>,
  tell: (reason: string) => void,
  { signal }: ApiContext,
): Promise<never> => {
  await show();
  for (;;) {
    await pause(EVERY_MS, undefined, { signal });
    try {
      await show();
    } catch (error) {
      if (signal.aborted) throw error;
      tell(`no list at ${localTime(Date.now())}: ${printableLine((error as Error).message)}`);
    }
  }
};

const watchLive = async (query: RunQuery, limit: number, context: ApiContext): Promise<never> => {
  const { client, screen, signal } = context;
  const live = screen.live();
  let lines: string[] = [];
  const draw = (below: string) =>
    live.show([...lines.map((line, at) => (at === 0 ? screen.dim(line) : line)), below]);
  return await repeat(
    async () => {
      const rows = Math.max(1, Math.min(limit, screen.height() - OTHER_LINES));
      const { data } = await readList(client, query, rows, signal);
      lines = tableLines(SHOWN, data, screen.width());
      draw(screen.dim(`· ${shortTime(Date.now())} · Ctrl-C ends`));
    },
    (reason) => draw(screen.attention(`· ${reason}`)),
    context,
  );
};

const OPEN: RunSummary['status'][] = ['queued', 'generating'];
const isOpen = ({ status }: RunSummary): boolean => OPEN.includes(status);

const watchEnds = async (query: RunQuery, context: ApiContext): Promise<never> => {
  const { client, screen, note, signal } = context;
  /** The runs from here on are read: older ones had all ended. */
  let since = query.since;
  let known: Set<string> | undefined;
  return await repeat(
    async () => {
      const runs: RunSummary[] = [];
      // The first list says where to begin: only what is open then, or comes later, can end.
      if (known === undefined) runs.push(...(await readList(client, query, 100, signal)).data);
      else
        for await (const run of client.runs.all({ ...query, ...(since && { since }) }, { signal }))
          runs.push(run);
      const ended = runs.filter((run) => !isOpen(run));
      if (known !== undefined)
        for (const run of ended.toReversed()) if (!known.has(run.id)) screen.line(endLine(run));
      known = new Set(ended.map(({ id }) => id));
      since = runs.findLast(isOpen)?.created_at ?? runs[0]?.created_at ?? since;
    },
    (reason) => note(`· ${reason}`),
    context,
  );
};

const endLine = (run: RunSummary): string =>
  [
    localTime(run.created_at),
    run.id,
    run.error === null ? run.status : `${run.status} (${run.error.code})`,
    run.models.join(', '),
    `${whole(run.usage.completion_tokens)} tokens`,
    `first token ${milliseconds(run.mean_ttft_ms)}`,
    dollars(run.cost_usd),
    run.prompt_preview ?? '',
  ]
    .map(printableLine)
    .join('  ');
