import { audit, repairAll, reportLines } from '../../lib/operate/audit/audit.ts';
import { makeCommand, misuseOf, withRemedies } from '../command.ts';
import { environmentOf, readStackFile } from '../running-stack.ts';

const USAGE = 'audit [--repair]';

const HELP = `Compares what DynamoDB, S3 and Pinecone hold, prints a table of counts and each finding by its id, and ends with
status 1 when something is wrong. It only reads, and may run beside everything else.

  --repair   repairs what it found, by writes on condition of what was read; status 1 only when something is left

A deployment is audited where TABLE_NAME is set, with CONTENT_BUCKET, PINECONE_API_KEY and the rest as its functions
have them (docs/operations.md lists them); without TABLE_NAME it is the local stack that runs.`;

/** `everytoken audit`. The report goes to stdout. */
export const auditCommand = makeCommand({
  summary: 'compares DynamoDB, S3 and Pinecone, and repairs what differs',
  usage: USAGE,
  help: HELP,
  run: async (words) => {
    if (words.some((word) => word !== '--repair')) throw misuseOf(USAGE)();
    const env = readEnvironment();
    return withRemedies(`audit of table ${env.TABLE_NAME}`, () => auditOf(env, words.includes('--repair')));
  },
});

/** A deployment's when TABLE_NAME says which, else the local stack's that runs. */
const readEnvironment = (): Record<string, string | undefined> => {
  if (process.env.TABLE_NAME) return process.env;
  const instead = 'set TABLE_NAME and the other variables of a deployment (docs/operations.md)';
  const { stack, variables } = readStackFile(process.env, instead);
  return environmentOf(stack, variables);
};

const auditOf = async (env: Record<string, string | undefined>, repairs: boolean): Promise<number> => {
  // The other commands start without all of its clients.
  const { composeAudit } = await import('./compose.ts');
  const result = await audit(await composeAudit(env));
  for (const line of reportLines(result)) console.log(line);
  if (!repairs) return result.findings.length > 0 ? 1 : 0;
  const { repaired, left } = await repairAll(result.findings);
  console.log(`repaired ${repaired.length} of ${result.findings.length} findings, ${left.length} left`);
  return left.length > 0 ? 1 : 0;
};
