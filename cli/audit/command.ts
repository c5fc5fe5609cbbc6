import { audit, repairAll, reportLines } from '../../lib/operate/audit/audit.ts';
import { makeCommand, misuseOf, withRemedies } from '../command.ts';
import { environmentOf, readStackFile } from '../running-stack.ts';

const USAGE = 'audit [--repair] [--refused]';
const OPTIONS = ['--repair', '--refused'];

const HELP = `Compares the contents of DynamoDB, S3 and Pinecone, prints a table of counts and each finding by its id, and exits with
status 1 if there are findings. It only reads, and is safe to run at any time.

  --repair    repairs the findings with conditional writes; status 1 only if some are left
  --refused   counts failed runs whose texts were not indexed as findings too; their repair has them indexed again

It audits a deployment if TABLE_NAME is set; set CONTENT_BUCKET, PINECONE_API_KEY and the other variables of its
functions too (docs/operations.md lists them). Without TABLE_NAME it audits the running local stack.`;

/** `everytoken audit`. It prints the report to stdout. */
export const auditCommand = makeCommand({
  summary: 'compares DynamoDB, S3 and Pinecone, and repairs differences',
  usage: USAGE,
  help: HELP,
  run: async (words) => {
    if (words.some((word) => !OPTIONS.includes(word))) throw misuseOf(USAGE)();
    const env = readEnvironment();
    return withRemedies(`audit of table ${env.TABLE_NAME}`, () => auditOf(env, words));
  },
});

/** The variables of the deployment if TABLE_NAME is set, else those of the running local stack. */
const readEnvironment = (): Record<string, string | undefined> => {
  if (process.env.TABLE_NAME) return process.env;
  const instead = 'set TABLE_NAME and the other variables of a deployment (docs/operations.md)';
  const { stack, variables } = readStackFile(process.env, instead);
  return environmentOf(stack, variables);
};

const auditOf = async (env: Record<string, string | undefined>, options: string[]): Promise<number> => {
  // Imported on demand: the other commands start faster without these clients.
  const { composeAudit } = await import('./compose.ts');
  const deps = await composeAudit(env);
  const result = await audit({ ...deps, includesRefused: options.includes('--refused') });
  for (const line of reportLines(result)) console.log(line);
  if (!options.includes('--repair')) return result.findings.length > 0 ? 1 : 0;
  const { repaired, left } = await repairAll(result.findings);
  console.log(`repaired ${repaired.length} of ${result.findings.length} findings, ${left.length} left`);
  return left.length > 0 ? 1 : 0;
};
