import { readFile } from 'node:fs/promises';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { ApiError, type ComparisonRequest } from '../../../../client/index.ts';
import { comparisonRequestSchema } from '../../../../lib/comparisons/request.ts';
import { isObject } from '../../../../lib/json/value.ts';
import { setting } from '../../../../lib/runs/request-schema.ts';
import { closest } from '../../../closest.ts';
import { CommandError } from '../../../command.ts';
import { PROGRAM } from '../../../program-name.ts';

/** A misspelt action is taken for the name of a file. */
const ACTIONS = ['run', 'estimate', 'show', 'list', 'cancel'];
const MAX_BYTES = 16 * 1024 * 1024;

/** A comparison as a file states it. */
export type MatrixFile = {
  body: Partial<ComparisonRequest>;
  /** Adds the lines of the file to a refusal of the API. Other errors stay as they are. */
  explain: (error: unknown) => unknown;
};

/**
 * Reads the body of POST /comparisons from a file in YAML or JSON.
 *
 * @throws {CommandError} with the line, when it cannot be read
 */
export const readMatrix = async (path: string): Promise<MatrixFile> => {
  const text = await textOf(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new CommandError(`${path}:${line}:${col}: ${error.message}; mend it`);
  }
  const body: unknown = toPlain(document, path);
  if (!isObject(body))
    throw new CommandError(
      `${path} holds no comparison; it takes prompts, settings and samples, as the body of POST /comparisons`,
    );
  return {
    body: body as Partial<ComparisonRequest>,
    explain: (refusal) =>
      refusal instanceof ApiError && refusal.errors.length > 0
        ? new CommandError(refusal.errors.map((issue) => wordsOf(issue, path, document, lines)).join('; '), {
            cause: refusal,
          })
        : refusal,
  };
};

const textOf = async (path: string): Promise<string> => {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    const action = closest(path, ACTIONS);
    throw new CommandError(
      `${path}: ${reason}; ${action === undefined ? 'give a comparison in YAML or JSON, or options' : `did you mean ${PROGRAM} compare ${action}?`}`,
    );
  }
  if (bytes.length > MAX_BYTES) throw new CommandError(`${path} has more than 16 MiB`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(`${path} is no text in UTF-8; save it as UTF-8`);
  }
};

/** Aliases may multiply a small file into a huge one: a few are enough for shared settings. */
const toPlain = (document: Document, path: string): unknown => {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new CommandError(`${path}: ${(error as Error).message}`);
  }
};

const wordsOf = (
  { path: field, message }: { path: string; message: string },
  file: string,
  document: Document,
  lines: LineCounter,
): string => {
  const steps = field.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const at = placeOf(steps, document);
  const place = at === undefined ? file : `${file}:${lines.linePos(at).line}`;
  return `${place}: ${field} ${message}${suggestion(steps, message)}`;
};

/** The offset of a field, or of the nearest part around it that the file has. */
const placeOf = (steps: readonly (string | number)[], document: Document): number | undefined => {
  for (let length = steps.length; length > 0; length--) {
    const node = document.getIn(steps.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
};

const suggestion = (steps: readonly (string | number)[], message: string): string => {
  const name = steps.at(-1);
  if (!/not a known field/.test(message) || typeof name !== 'string') return '';
  const shape = steps[0] === 'settings' && steps.length > 1 ? setting.shape : comparisonRequestSchema.shape;
  const meant = closest(name, Object.keys(shape));
  return meant === undefined ? '' : ` (did you mean ${meant}?)`;
};
