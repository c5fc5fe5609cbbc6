import { useApi, withApi, withTable } from '../../api-command.ts';
import { type Define, examples } from '../../command.ts';
import { ExitStatus } from '../../exit-status.ts';
import { canAsk, confirm } from '../../terminal/confirm.ts';
import { printableLine } from '../../terminal/printable.ts';
import { withMatrix } from './matrix/options.ts';
import { withRequirements } from './result/status.ts';

const HOW = `
Every prompt is answered with every setting, several times, in random order. The
estimate comes first, then a question on a terminal; without one it begins, also
where the cost is not known, unless --max-cost-usd is given. Exit statuses: 3 when
answers failed, 4 when --require or --fail-on is not met. docs/comparisons.md
says how differences are told from noise.`;

export const define: Define = (command) => {
  withRequirements(withMatrix(withTable(withApi(command))))
    .option('--html <path>', 'write a report: one file that opens from an e-mail, and prints')
    .option('--force', 'replace a file at --html, whatever it holds')
    .option('-y, --yes', 'begin without a question')
    .option('--no-wait', 'print the id, and leave it to be compared')
    .addHelpText('after', HOW)
    .addHelpText(
      'after',
      examples(
        [
          "everytoken compare --prompt \"Explain trees.\" --setting 'Cold: temperature=0.2' --setting 'Warm: temperature=1'",
          '',
        ],
        ['everytoken compare --prompts-file prompts.csv --model gpt-a --model gpt-b --samples 10', ''],
        ['everytoken compare matrix.yml --html report.html', 'with a report'],
        ["everytoken compare matrix.yml -y --require 'ttft_ms.p90<=800' --max-cost-usd 2", 'in a job of CI'],
        ['everytoken compare show cmp_… --html report.html', 'of one that has ended'],
      ),
    )
    .action((path, options) =>
      useApi(options, async (context) => {
        const { client, screen, errors, note, json, again, signal } = context;
        const [{ readRequest }, { requireCost, showEstimate }, { requirePlace }] = await Promise.all([
          import('./matrix/request.ts'),
          import('./matrix/show-estimate.ts'),
          import('./result/report-place.ts'),
        ]);
        await requirePlace(options, context);
        const { request, explain } = await readRequest(path, options);
        const estimate = await client.comparisons.estimate(request, { signal }).catch((error: unknown) => {
          throw explain(error);
        });
        showEstimate(errors, estimate, request);
        requireCost(estimate, options.maxCostUsd);
        if (!options.yes && canAsk() && !(await confirm('Compare them?', signal))) {
          note('nothing was generated');
          return ExitStatus.ok;
        }
        const begun = await client.comparisons.create(request, { signal });
        if (!options.wait) {
          if (options.json) json(begun);
          else screen.line(printableLine(begun.id));
          note(`it is compared now; ${again(`compare show ${begun.id} --watch`)} shows it`);
          return ExitStatus.ok;
        }
        const [{ followComparison }, { endComparison }] = await Promise.all([
          import('./progress/follow.ts'),
          import('./result/end.ts'),
        ]);
        errors.line(errors.dim(printableLine(begun.id)));
        const ended = await followComparison(begun.id, context);
        return await endComparison(ended, { ...options, request }, context);
      }),
    );
};
