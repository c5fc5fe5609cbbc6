import stringWidth from 'string-width';
import { type Define, examples, prose, UsageError } from '../command.ts';
import { useDeployment, withDeployment } from '../deployment-command.ts';
import { wrap } from '../terminal/layout.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Outputs } from './outputs/deployment-outputs.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      prose(`Prints the addresses and names of a deployment, and what to run next: for a stage those of its stack, else those of the
local stack that runs here.`),
    )
    .addHelpText(
      'after',
      examples(
        ['everytoken outputs --stage prod', 'address, table, bucket, alarms, dashboard'],
        ['everytoken outputs --json', 'the same of the local stack, for programs'],
      ),
    )
    .action((options) =>
      useDeployment(options, async ({ deployment, screen, json }) => {
        if (deployment.kind === 'variables')
          throw new UsageError('TABLE_NAME names a table alone: give --stage, or unset it');
        const { outputsOf } = await import('./outputs/deployment-outputs.ts');
        const { stage, region } = options;
        const target = [stage && ` --stage ${stage}`, region && ` --region ${region}`]
          .filter(Boolean)
          .join('');
        const outputs = outputsOf(deployment, target);
        if (options.json) return json(outputs);
        for (const [name, value] of rowsOf(outputs)) showRow(screen, name, printableLine(value));
      }),
    );
};

const NAME_WIDTH = 14;

/** A value that does not fit beside its name begins a line of its own, so that as few words as possible are broken. */
const showRow = (screen: Screen, name: string, value: string): void => {
  const isWide = screen.isTerminal && NAME_WIDTH + stringWidth(value) > screen.width();
  if (!isWide) {
    screen.line(`${screen.bold(name.padEnd(NAME_WIDTH))}${value}`);
    return;
  }
  if (name !== '') screen.line(screen.bold(name));
  const isWhole = name === '' || name === 'next' || !value.includes(' '); // commands and addresses are copied
  for (const line of isWhole ? [value] : wrap(value, screen.width())) screen.line(line);
};

/** Addresses and commands are one line each, unwrapped, so that they can be copied. */
const rowsOf = (outputs: Outputs): [name: string, value: string][] => {
  const { queues, dead_letters: deadLetters, alarms, next, ...rest } = outputs;
  const dead = Object.keys(deadLetters)
    .map((id) => id.replace(/DeadLetters$/, ''))
    .join(', ');
  const rows: [string, string | null][] = [
    ['API', rest.api],
    ['pages', rest.docs],
    ['region', rest.region],
    ['table', rest.table],
    ['bucket', rest.bucket],
    ['prompt files', rest.prompts],
    ['results', rest.results],
    ['event bus', rest.bus],
    ['index', rest.index === null ? null : `${rest.index}, namespaces ${rest.namespace ?? ''}…`],
    ...Object.entries(queues).map(([id, url]): [string, string] => [id, url]),
    ['dead letters', dead === '' ? null : `${dead} (their addresses: --json)`],
    ['alarms', alarms === null ? null : alarms.topic],
    ['', alarms === null ? null : alarms.console],
    ['dashboard', rest.dashboard],
  ];
  return [
    ...rows.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]])),
    ...next.map((each, at): [string, string] => [at === 0 ? 'next' : '', each]),
  ];
};
