import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { makeProgram } from '../../cli/program.ts';
import { cliReference } from '../../tools/cli-docs/reference.ts';

const root = join(import.meta.dirname, '../..');
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith('.md'),
);

/** The command lines of everytoken in a text: in code blocks, and in code within a sentence. */
const commandLinesIn = (text: string): string[] => {
  const blocks = [...text.matchAll(/^ *```(\w*)\n(.*?)^ *```/gms)];
  const lines = blocks.flatMap(([, kind, block = '']) => {
    const all = block.replaceAll('\\\n', ' ').split('\n');
    // In a recorded session everything else is output.
    return kind === 'console' ? all.filter((line) => line.startsWith('$ ')) : all;
  });
  const prose = text.replaceAll(/^ *```.*?^ *```/gms, '');
  const inline = [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' '));
  return [...lines, ...inline].flatMap((line) => COMMAND_LINE.exec(line)?.[1] ?? []);
};

/** After a prompt, variables, `KEY=$(` or `source <(`. `npx everytoken` is the command, `everytoken` alone too. */
const COMMAND_LINE =
  /^(?:\$ )?(?:[A-Z_]+=\S* )*(?:[A-Z_]+=\$\(|source <\()?(?:npx )?everytoken ((?=[a-z-]).*)$/;

/** The words of a line as a shell would split it, up to a comment, a pipe or a redirection. */
const wordsOf = (line: string): string[] => {
  const words: string[] = [];
  for (const [word] of line
    .replace(/\$\([^)]*\)/g, 'ITS_OUTPUT')
    .matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|\s+/g)) {
    if (/^\s/.test(word)) continue;
    if (/^(#|\||>|2>|<|&)/.test(word) && !/^<[a-z-]+>$/.test(word)) break;
    if (word !== '…') words.push(word.replace(/["']/g, '').replace(/[);]+$/, ''));
    if (word.endsWith(';')) break;
  }
  return words.filter((word) => word !== '[options]');
};

/** The reason why a command line is wrong, if it is; its action is not done. */
const faultOf = async (words: string[]): Promise<string | undefined> => {
  const program = await makeProgram([], { loadAll: true });
  let command: Command | undefined = program;
  for (const word of words) {
    const next: unknown = command?.commands.find(
      (each) => each.name() === word || each.aliases().includes(word),
    );
    if (!next) break;
    command = next as Command;
  }
  if (command === program)
    return words[0] === 'help' || words[0]?.startsWith('-') ? undefined : 'no such command';
  let printed = '';
  command.action(() => {});
  for (const each of [program, command])
    each.configureOutput({ writeErr: (text) => (printed += text), writeOut: () => {} });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    // A sentence may name a command, and leave its values open.
    const isNamed = command.commands.length > 0 || /missing required argument/.test(printed);
    const isOpen = /is invalid/.test(printed) && words.some((word) => /^(<.+>|[A-Z]+)$/.test(word));
    if (!isNamed && !isOpen && !words.includes('--help')) return printed.split('\n')[0] || String(error);
  }
  return undefined;
};

const faultsIn = async (lines: string[]): Promise<string[]> => {
  const faults = [];
  for (const line of lines) {
    const fault = await faultOf(wordsOf(line));
    if (fault !== undefined) faults.push(`${line}: ${fault}`);
  }
  return faults;
};

test.each(documents)('the command lines in %s are right', async (path) => {
  expect(await faultsIn(commandLinesIn(readFileSync(join(root, path), 'utf8')))).toEqual([]);
});

test('the examples in the help of each command are right', async () => {
  const reference = await cliReference();
  const lines = [...reference.matchAll(/^ {2}(?:[A-Z_]+=\S+ )?everytoken (.*?)(?: {2}.*)?$/gm)].map(
    ([, line = '']) => line,
  );
  expect(lines.length).toBeGreaterThan(0);
  expect(await faultsIn(lines)).toEqual([]);
});
