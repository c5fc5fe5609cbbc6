import { Argument } from '@commander-js/extra-typings';
import { type Define, examples } from '../command.ts';

export const define: Define = (command) => {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish', 'powershell'] as const))
    .addHelpText(
      'after',
      examples(
        ['source <(everytoken complete bash)', 'for this shell; in ~/.bashrc for all'],
        ['source <(everytoken complete zsh)', 'the same, in ~/.zshrc after compinit'],
        ['everytoken complete fish > ~/.config/fish/completions/everytoken.fish', ''],
      ),
    )
    .addHelpText(
      'after',
      '\nIn a checkout: alias everytoken="npx everytoken", and source <(npx everytoken complete bash).',
    )
    .action(async (shell) => {
      const { completionScript } = await import('../completion.ts');
      process.stdout.write(`${await completionScript(shell)}\n`);
    });
};
