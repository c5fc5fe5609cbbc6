import { JSON_OPTION, REGION_OPTION, STAGE_OPTION } from '../api-command.ts';
import { type Define, examples, prose, UsageError } from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { type Finding, lineOf, linesOf } from '../finding.ts';
import { printableJson } from '../terminal/printable.ts';
import { makeScreen } from '../terminal/screen.ts';

export const define: Define = (command) => {
  command
    .description(
      prose(`Looks at what is set, where it comes from, what is wrong and what to do: of this machine and its local stack, or with
--stage of a deployment. It prints one line for each: ok, NOTE, or WRONG with the remedy. Exits with status 1 if something
is wrong. It changes nothing, and prints no secret.`),
    )
    .option(...STAGE_OPTION)
    .option(...REGION_OPTION)
    .option(
      '--online',
      'ask the model server, the embeddings and the index, too, with their keys: it embeds one word, at its price',
    )
    .option('--all', 'list variables that are not set, too')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      examples(
        ['everytoken doctor', 'this machine and the local stack'],
        ['everytoken doctor --online', 'with your own model server and Pinecone'],
        ['everytoken doctor --stage prod', 'a deployment: stack, API, keys, dead letters, alarms'],
      ),
    )
    .action(async (options) => {
      const { stage, region, online = false, all = false } = options;
      if (region !== undefined && stage === undefined) throw new UsageError('--region needs --stage');
      const screen = makeScreen(process.stdout, process.env);
      const errors = makeScreen(process.stderr, process.env);
      errors.line(errors.dim(`· ${stage === undefined ? 'this machine' : `stage ${stage}`}`));
      const checks =
        stage === undefined
          ? (await import('./doctor/check-machine.ts')).checkMachine(process.env, { online, all })
          : (await import('./doctor/check-stage.ts')).checkStage(stage, region, { online });
      const findings: Finding[] = [];
      for await (const finding of checks) {
        findings.push(finding);
        if (options.json) continue;
        const lines = screen.isLive
          ? linesOf(finding, SUBJECT_WIDTH, screen.width())
          : [lineOf(finding, SUBJECT_WIDTH)];
        const style = { ok: (text: string) => text, note: screen.attention, wrong: screen.bad };
        for (const line of lines) screen.line(style[finding.state](line));
      }
      const counted = (state: Finding['state']) => findings.filter((each) => each.state === state).length;
      if (options.json) screen.line(printableJson({ data: findings }));
      errors.line(`${counted('wrong')} wrong, ${counted('note')} to note, ${counted('ok')} ok`);
      if (counted('wrong') > 0) process.exitCode = ExitStatus.failed;
    });
};

const SUBJECT_WIDTH = 24;
