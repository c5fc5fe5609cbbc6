import { fstatSync, readFileSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { CommandError, UsageError } from '../command.ts';
import { PROGRAM } from '../program-name.ts';

/** The API takes 512 KiB; with more the answer would be the same, and later. */
const MAX_BYTES = 1024 * 1024;
const PATIENCE_MS = 2_000;

type Given = {
  argument: string | undefined;
  file: string | undefined;
  /** Tells the person that the command waits for its standard input. */
  note: (text: string) => void;
  signal: AbortSignal;
};

/**
 * The prompt: the argument, a file, or standard input (`-`, or a pipe). With an argument the file or the input is its
 * material, and follows it after an empty line.
 *
 * @throws {CommandError} when there is none, or it cannot be read as text
 */
export const readPrompt = async ({ argument, file, ...rest }: Given): Promise<string> => {
  const question = argument === '-' ? undefined : argument;
  const material = await readMaterial({ argument, file, ...rest });
  const prompt = [question, material].filter((text) => text !== undefined && text.trim() !== '').join('\n\n');
  if (prompt === '')
    throw new UsageError(
      `there is no prompt: give one as in ${PROGRAM} run "Explain trees.", by --file, or by a pipe`,
    );
  return prompt;
};

const readMaterial = async ({ argument, file, ...rest }: Given): Promise<string | undefined> => {
  if (file !== undefined && file !== '-') return textOf(readBytes(file), file);
  if (file === '-' || argument === '-' || isPiped()) {
    const bytes = await readInput(rest);
    return textOf(bytes, 'standard input').replace(/\r?\n$/, '');
  }
  return undefined;
};

/** Whether something is piped or redirected in; /dev/null, a terminal and a closed input are not. */
const isPiped = (): boolean => {
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile() || input.isSocket();
  } catch {
    return false;
  }
};

const readBytes = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new UsageError(`--file ${path}: ${reason}; give the path of a text`);
  }
};

const readInput = async ({ note, signal }: Pick<Given, 'note' | 'signal'>): Promise<Buffer> => {
  const patience = setTimeout(
    () => note('· reading standard input; </dev/null if there is none'),
    PATIENCE_MS,
  );
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of addAbortSignal(signal, process.stdin)) {
      size += piece.length;
      if (size > MAX_BYTES)
        throw new CommandError('standard input has more than 512 KiB, and a prompt must be shorter');
      pieces.push(piece);
    }
  } finally {
    clearTimeout(patience);
  }
  return Buffer.concat(pieces);
};

const textOf = (bytes: Buffer, place: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(`${place} is no text in UTF-8; save it as UTF-8`);
  }
};
