import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../cli/everytoken.ts');

/** The completions that bash has for the last word, with the script read twice, and without the package bash-completion. */
const completed = (...words: string[]): string[] => {
  const line = ['everytoken', ...words];
  const script = `
    for i in 1 2; do source <("$1" "$2" complete bash); done
    shift 2
    compopt() { :; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    __everytoken_complete
    printf '%s\\n' "\${COMPREPLY[@]}"
    complete -p everytoken >&2`;
  const printed = execFileSync('bash', ['--norc', '-c', script, 'bash', process.execPath, program, ...line], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return printed.trim().split('\n');
};

test('completes commands, actions and options in bash', () => {
  expect(completed('mod')).toEqual(['models']);
  expect(completed('file', 'est')).toEqual(['estimate']);
  expect(completed('runs', '--sta').sort()).toEqual(['--stage', '--status']);
});

test('leaves what it does not know to the names of files', () => {
  expect(completed('file', 'run', 'docs/wa')).toEqual(['']);
  const answer = execFileSync(process.execPath, [program, 'complete', '--', 'file', 'run', 'docs/wa'], {
    encoding: 'utf8',
  });
  expect(answer).toBe(':0\n');
  const script = execFileSync(process.execPath, [program, 'complete', 'bash'], { encoding: 'utf8' });
  expect(script).toMatch(/^complete -o default -F __everytoken_complete everytoken$/m);
  expect(script).toContain('if declare -F _get_comp_words_by_ref');
  expect(script).not.toMatch(/^readonly /m);
});

test('prints a script for each shell', () => {
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
    expect(execFileSync(process.execPath, [program, 'complete', shell], { encoding: 'utf8' })).toContain(
      'everytoken',
    );
});
