import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { audit, repairAll, reportLines } from '../../lib/operate/audit/audit.ts';
import { CommandError } from '../command-error.ts';
import { serviceFailure } from '../service-failure.ts';
import { environmentOf, readStackFile } from '../stack-addresses.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const HELP = `Usage: npx everytoken audit [--repair]

Compares what DynamoDB, S3 and Pinecone hold, prints a table of counts and each finding by its id, and ends with
status 1 when something is wrong. It only reads, and may run beside everything else.

  --repair   repairs what it found, by writes on condition of what was read; status 1 only when something is left

A deployment is audited where TABLE_NAME is set, with CONTENT_BUCKET, PINECONE_API_KEY and the rest as its functions
have them (docs/operations.md lists them); without TABLE_NAME it is the local stack that runs.`;

/** `everytoken audit`. The report goes to stdout. */
export const auditCommand = {
  summary: 'compares DynamoDB, S3 and Pinecone, and repairs what differs',
  run: async (words: string[]): Promise<number> => {
    if (words.includes('--help') || words.includes('-h')) {
      console.log(HELP);
      return 0;
    }
    const isUnknown = words.some((word) => word !== '--repair');
    if (isUnknown) throw new CommandError('write npx everytoken audit [--repair]');
    const env = readEnvironment();
    try {
      return await auditOf(env, words.includes('--repair'));
    } catch (error) {
      throw serviceFailure(`audit of table ${env.TABLE_NAME}`, error);
    }
  },
};

/** A deployment's when TABLE_NAME says which, else the local stack's that runs. */
const readEnvironment = (): Record<string, string | undefined> => {
  if (process.env.TABLE_NAME) return process.env;
  const instead = 'set TABLE_NAME and the other variables of a deployment (docs/operations.md)';
  const { stack, variables } = readStackFile(root, process.env, instead);
  return environmentOf(stack, variables);
};

const auditOf = async (env: Record<string, string | undefined>, repairs: boolean): Promise<number> => {
  // The other commands start without all of its clients.
  const { composeAudit } = await import('./compose-audit.ts');
  const result = await audit(await composeAudit(env));
  for (const line of reportLines(result)) console.log(line);
  if (!repairs) return result.findings.length > 0 ? 1 : 0;
  const { repaired, left } = await repairAll(result.findings);
  console.log(`repaired ${repaired.length} of ${result.findings.length} findings, ${left.length} left`);
  return left.length > 0 ? 1 : 0;
};
