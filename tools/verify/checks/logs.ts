import { parseXRayHeader } from '../../../lib/observe/trace-context.ts';
import { emfProblems, extractMetrics } from '../../../test/fixtures/read-emf.ts';
import type { Deployment } from '../deployment.ts';
import { must, type Report, same } from '../report.ts';
import { TRACE_ID } from '../runtime/start-sandbox.ts';

const isJson = (line: string): boolean => {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
};

/** Checks the log lines that all functions wrote during the earlier checks. */
export const checkLogs = async ({ model, sandbox }: Deployment, { part, check }: Report): Promise<void> => {
  part('Logs');
  const linesOfAll = async () => {
    const all = await Promise.all([...model.functions.values()].map(async (fn) => (await sandbox(fn)).lines));
    return all.flat();
  };

  await check('every line that a function logged is a JSON object', async () => {
    const lines = await linesOfAll();
    const others = lines.filter((line) => !isJson(line));
    must(lines.length > 0, 'no function logged a line');
    must(others.length === 0, `${others.length} of ${lines.length} are not: ${others[0]?.slice(0, 160)}`);
    return `${lines.length} lines`;
  });

  await check('the metric lines are in the format that CloudWatch reads', async () => {
    const lines = await linesOfAll();
    const problems = lines.flatMap(emfProblems);
    must(problems.length === 0, `${problems.length} problems, the first: ${problems[0]}`);
    const names = new Set(lines.flatMap(extractMetrics).map(({ name }) => name));
    must(
      names.has('gen_ai.client.operation.duration'),
      `gen_ai.client.operation.duration is missing; there are ${[...names].join(', ')}`,
    );
    return `${names.size} metrics`;
  });

  await check("a run's trace is the one that Lambda gives its invocation", async () => {
    const lines = (await linesOfAll()).map((line): Record<string, unknown> => JSON.parse(line));
    const traces = new Set(
      lines.flatMap(({ event, trace_id }) => (event === 'run.accepted' ? [trace_id] : [])),
    );
    same('the traces', [...traces], [parseXRayHeader(TRACE_ID)?.traceId]);
    return undefined;
  });

  await check(
    'each function logs environment.started at most once, and each line names its invocation',
    async () => {
      for (const fn of model.functions.values()) {
        const lines = (await sandbox(fn)).lines.map((line): Record<string, unknown> => JSON.parse(line));
        const begun = lines.filter(({ event }) => event === 'environment.started');
        must(begun.length <= 1, `${fn.name} logs environment.started ${begun.length} times`);
        must(
          lines.every(({ request_id }) => typeof request_id === 'string'),
          `a line of ${fn.name} has no request_id`,
        );
      }
      return undefined;
    },
  );
};
