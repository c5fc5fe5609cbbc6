import { type Define, examples } from '../command.ts';

/** Its action is added by completion.ts, which needs all commands. */
export const define: Define = (command) => {
  command
    .argument('<shell>', 'bash, zsh, fish or powershell')
    .allowExcessArguments()
    .addHelpText(
      'after',
      examples(
        [
          'source <(everytoken complete bash)',
          'for this shell; in ~/.bashrc for all; needs the package bash-completion',
        ],
        ['source <(everytoken complete zsh)', 'the same, in ~/.zshrc'],
        ['everytoken complete fish > ~/.config/fish/completions/everytoken.fish', ''],
      ),
    );
};
