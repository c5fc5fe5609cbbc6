import { audit, repairAll, reportLines } from '../../lib/operate/audit/audit.ts';
import { visible } from '../../local/visible.ts';
import { makeCommand, misuseOf, withRemedies } from '../command.ts';
import { readEnvironment } from '../running-stack.ts';

const USAGE = 'audit [--repair] [--refused]';
const OPTIONS = ['--repair', '--refused'];

const HELP = `Compares the contents of DynamoDB, S3 and Pinecone, prints a table of counts and each finding by its id, and exits with
status 1 if there are findings. It only reads, and is safe to run at any time.

  --repair    repairs the findings with conditional writes; status 1 only if some are left
  --refused   counts failed runs whose texts were not indexed as findings too; their repair has them indexed again

It audits a deployment if TABLE_NAME is set; set CONTENT_BUCKET, PINECONE_API_KEY, PINECONE_NAMESPACE and the other
variables of its functions too (docs/operations.md lists them). Without TABLE_NAME it audits the running local stack.`;

/** `everytoken audit`. It prints the report to stdout. */
export const auditCommand = makeCommand({
  summary: 'compares DynamoDB, S3 and Pinecone, and repairs differences',
  usage: USAGE,
  help: HELP,
  run: async (words) => {
    if (words.some((word) => !OPTIONS.includes(word))) throw misuseOf(USAGE)();
    const env = readEnvironment(process.env);
    return withRemedies(`audit of table ${env.TABLE_NAME}`, () => auditOf(env, words));
  },
});

const auditOf = async (env: Record<string, string | undefined>, options: string[]): Promise<number> => {
  // Imported on demand: the other commands start faster without these clients.
  const { composeAudit } = await import('./compose.ts');
  const result = await audit({ ...composeAudit(env), includesRefused: options.includes('--refused') });
  for (const line of reportLines(result)) console.log(visible(line));
  if (!options.includes('--repair')) return result.findings.length > 0 ? 1 : 0;
  const { repaired, left } = await repairAll(result.findings);
  console.log(`repaired ${repaired.length} of ${result.findings.length} findings, ${left.length} left`);
  return left.length > 0 ? 1 : 0;
};
