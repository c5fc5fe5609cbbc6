#!/usr/bin/env node
import { CommanderError } from 'commander';
import { makeProgram, statusOfUsage } from './program.ts';

// The reader of a pipe has left (`| head`): nobody reads what would follow.
process.stdout.on('error', () => process.exit());

/** The program whose command `complete` knows all others. */
const completingProgram = async () => {
  const { addCompletion, COMPLETE } = await import('./completion.ts');
  const program = await makeProgram([], { loadAll: true, without: COMPLETE });
  addCompletion(program);
  return program;
};

const words = process.argv.slice(2);
try {
  const program =
    words[0] === 'complete' && !words.includes('--help') && words.length > 1
      ? await completingProgram()
      : await makeProgram(words);
  if (words.length === 0) program.help({ error: false });
  await program.parseAsync(words, { from: 'user' });
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = statusOfUsage(error.exitCode);
  else process.exitCode = (await import('./explain-error.ts')).explain(error);
}
