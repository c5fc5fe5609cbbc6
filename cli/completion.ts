import { script } from '@bomb.sh/tab';
import tab from '@bomb.sh/tab/commander';
import type { Command } from '@commander-js/extra-typings';
import type { Command as PlainCommand } from 'commander';

/** The name of the command that prints scripts for shells, and that these scripts call. */
export const COMPLETE = 'complete';

/** The lines that `work` prints: tab has no other way to hand them over. */
const printedBy = async (work: () => unknown): Promise<string[]> => {
  const { log } = console;
  const lines: string[] = [];
  console.log = (text: string) => void lines.push(text);
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines;
};

/** A path as a word of a shell. */
const quoted = (path: string): string => `"${path.replace(/["$`\\]/g, '\\$&')}"`;

/**
 * The script that completes `everytoken` in a shell, also where it is an alias. It calls this program by its path, which
 * is faster than by npx.
 */
export const completionScript = async (shell: 'bash' | 'zsh' | 'fish' | 'powershell'): Promise<string> => {
  const program = [process.execPath, process.argv[1] ?? ''].map(quoted).join(' ');
  const [text = ''] = await printedBy(() => script(shell, 'everytoken', program));
  if (shell !== 'bash') return text;
  return (
    text
      // It may be read twice, by ~/.bashrc and by hand.
      .replace(/^readonly /gm, '')
      // From the package bash-completion, which not every machine has.
      .replace(
        /^( *)(_get_comp_words_by_ref .*)$/m,
        `$1if declare -F _get_comp_words_by_ref >/dev/null; then $2\n$1else words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur="\${words[cword]}"; fi`,
      )
      // Where nothing of ours fits, a file may be meant.
      .replace(/^complete -F /m, 'complete -o default -F ')
  );
};

/** The last line of an answer forbids or allows the names of files where nothing else fits. */
const NO_FILES = ':4';
const FILES = ':0';

/**
 * Prints what completes the words after `complete --`, for a script of `completionScript`. `program` has all commands
 * but `complete`.
 */
export const printCompletions = async (program: Command, words: string[]): Promise<void> => {
  tab(program as unknown as PlainCommand, { completionCommandName: COMPLETE });
  const lines = await printedBy(() => program.parseAsync(words, { from: 'user' }));
  for (const line of lines) console.log(line === NO_FILES ? FILES : line);
};
