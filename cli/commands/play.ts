import { useApi, withApi } from '../api-command.ts';
import { CommandError, type Define, examples } from '../command.ts';
import { oneValue, parseNumber } from '../option-values.ts';

const parseSpeed = (text: string): number => {
  const speed = parseNumber(text);
  if (speed <= 0) throw new CommandError('it takes a number above 0: 2 is twice as fast');
  return speed;
};

export const define: Define = (command) => {
  withApi(
    command
      .argument('<id>', 'the id of a run, or last for the newest')
      .option('--generation <number>', 'one of several outputs, by its number from 1 or its label', '1')
      .option('--speed <factor>', '2 is twice as fast as it was', oneValue(parseSpeed), 1),
  )
    .addHelpText(
      'after',
      examples(
        ['everytoken play last', 'the newest output, as it was generated'],
        ['everytoken play run_06h2… --generation 2 --speed 4', ''],
      ),
    )
    .action((id, options) =>
      useApi(options, async (context) => {
        const { playRun } = await import('../runs/play-run.ts');
        return await playRun(id, options, context);
      }),
    );
};
