import { type Define, examples, prose } from '../command.ts';
import { useDeployment, withDeployment } from '../deployment-command.ts';
import { ExitStatus } from '../exit-status.ts';
import { environmentWithIndex } from '../target/deployment.ts';
import { printableLine } from '../terminal/printable.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      prose(`Compares the contents of DynamoDB, S3 and Pinecone, prints a table of counts and each finding by its id, and exits with
status 1 if there are findings. It only reads, and is safe to run at any time.`),
    )
    .option('--repair', 'repair the findings with conditional writes; status 1 only if some are left')
    .option(
      '--refused',
      'count failed runs whose texts were not indexed as findings too; their repair has them indexed again',
    )
    .addHelpText(
      'after',
      examples(
        ['everytoken audit --stage prod', 'compare the stores of a deployment'],
        ['everytoken audit --repair', 'repair those of the local stack'],
        ['everytoken audit --json', 'counts and findings, for programs'],
      ),
    )
    .action((options) =>
      useDeployment(options, async ({ deployment, screen, json }) => {
        const [{ composeAudit }, { audit, findingCounts, repairAll, reportLines }] = await Promise.all([
          import('./audit/compose.ts'),
          import('../../lib/operate/audit/audit.ts'),
        ]);
        const deps = composeAudit(environmentWithIndex(deployment));
        const result = await audit({ ...deps, includesRefused: options.refused ?? false });
        const { findings } = result;
        // A report is shown before its repair, which may take long.
        if (!options.json) for (const line of reportLines(result)) screen.line(printableText(line));
        const repair = options.repair ? await repairAll(findings) : undefined;
        if (options.json)
          json({
            accepted: result.accepted,
            files: result.files,
            by_status: result.byStatus,
            counts: Object.fromEntries(
              Object.entries(findingCounts(findings)).map(([name, count]) => [
                name.replaceAll(' ', '_'),
                count,
              ]),
            ),
            unclaimed_vectors: result.unclaimed,
            earlier_vectors: result.earlier,
            findings: findings.map(({ kind, id, count, detail }) => ({ kind, id, count, detail })),
            repaired: repair?.repaired.length ?? null,
            left: repair?.left.length ?? null,
          });
        else if (repair)
          screen.line(
            `repaired ${repair.repaired.length} of ${findings.length} findings, ${repair.left.length} left`,
          );
        return (repair?.left ?? findings).length > 0 ? ExitStatus.failed : ExitStatus.ok;
      }),
    );
};

/** Keeps the columns of the table of counts: `printableLine` would join their spaces. */
const printableText = (line: string): string => (/^\S.* {2,}\d+$/.test(line) ? line : printableLine(line));
