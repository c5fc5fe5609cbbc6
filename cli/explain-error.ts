import { UsageError } from './command.ts';
import { ExitStatus } from './exit-status.ts';
import { PROGRAM } from './program-name.ts';
import { printNote } from './terminal/note.ts';
import { printableLine } from './terminal/printable.ts';
import { makeScreen } from './terminal/screen.ts';

/**
 * Prints an error as one line with its remedy and returns the exit status. Errors of the API name the field and the
 * remedy themselves; this adds what only the command line knows: the key and the stack.
 */
export const explain = (error: unknown): number => {
  if (isAbort(error)) return ExitStatus.interrupted;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const status = (error as { status?: unknown }).status;
  const remedy = remedyOf(name, status);
  const text = inCommands(printableLine(message || name));
  const screen = makeScreen(process.stderr, process.env);
  printNote(screen, `error: ${text}${remedy === undefined ? '' : `; ${remedy}`}`);
  return error instanceof UsageError ? ExitStatus.usage : ExitStatus.failed;
};

/** The API's words name a method of HTTP where a person here uses a command. */
const inCommands = (text: string): string => text.replace(/\buse DELETE\b/, `use ${PROGRAM} delete ID`);

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

const remedyOf = (name: string, status: unknown): string | undefined => {
  if (name === 'ApiError' && (status === 401 || status === 403))
    return `set EVERYTOKEN_KEY to a key of this deployment (${PROGRAM} keys add)`;
  if (name === 'ConnectionError')
    return `check that it runs (${PROGRAM} start for the local stack) and that the address is right`;
  if (name === 'TimeoutError') return `it goes on without this command; ${PROGRAM} wait waits again`;
  return undefined;
};
