#!/usr/bin/env node
import { CommanderError } from 'commander';
import { ExitStatus } from './exit-status.ts';
import { makeProgram, statusOfUsage } from './program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has left (`| head`): nobody reads what would follow.
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`error: standard output cannot be written (${error.code}); look at the disk\n`);
  process.exit(ExitStatus.failed);
});
// Notes for people: the work goes on without them.
process.stderr.on('error', () => {});

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
