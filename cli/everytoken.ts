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

const words = process.argv.slice(2);

const complete = async (): Promise<void> => {
  const { COMPLETE, printCompletions } = await import('./completion.ts');
  await printCompletions(await makeProgram([], { loadAll: true, without: COMPLETE }), words);
};

try {
  const isAskedByShell = words[0] === 'complete' && words[1] === '--';
  if (isAskedByShell) await complete();
  else {
    const program = await makeProgram(words);
    if (words.length === 0) program.help({ error: false });
    await program.parseAsync(words, { from: 'user' });
  }
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = statusOfUsage(error.exitCode);
  else process.exitCode = (await import('./explain-error.ts')).explain(error);
}
