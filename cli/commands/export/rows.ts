import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm, truncate } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExportRow } from '../../../client/index.ts';
import { csvOf } from '../../../lib/export/formats.ts';
import type { ApiContext } from '../../api-command.ts';
import { CommandError } from '../../command.ts';
import { printable, printableLine } from '../../terminal/printable.ts';
import { bytesText, counted, countOf } from '../../terminal/units.ts';
import { failure, isOfDisk, requireWritable } from '../../whole-file.ts';
import { requirePlace } from './place.ts';
import { findEnd, type RowsEnd } from './rows-end.ts';
import type { Wanted } from './wanted.ts';

type Place = {
  format: 'csv' | 'jsonl';
  out: string | undefined;
  force: boolean | undefined;
  resume: string | undefined;
};

const PART = '.part';

/**
 * Writes an export row by row to standard output or a file, in constant memory. A connection that breaks is taken up
 * again at the last row. A file is a `.part` until it is whole; one that broke off is gone on with by `resume`.
 */
export const exportRows = async (
  wanted: Wanted,
  { format, out, force, resume }: Place,
  context: ApiContext,
): Promise<void> => {
  const csv = format === 'csv' ? csvOf(wanted.keys) : undefined;
  const render = (row: ExportRow): string => csv?.render({ ...row }) ?? `${JSON.stringify(row)}\n`;
  const opening = csv?.opening ?? '';
  const path = out ?? resume;
  if (path === undefined) {
    const isTerminal = process.stdout.isTTY === true;
    const shown = (row: ExportRow) => printable(render(row));
    await write(wanted, { opening, render: isTerminal ? shown : render, target: process.stdout }, context);
    return;
  }
  await (resume === undefined
    ? requirePlace(path, { force, signal: context.signal })
    : requireWritable(path, '--resume'));
  const part = `${path}${PART}`;
  if (resume === undefined && existsSync(part))
    throw new CommandError(
      `${part} is there, of an export that broke off: go on with it (--resume ${path}), or remove it`,
    );
  const begun = resume === undefined ? undefined : await takeUp(resume, format, opening);
  if (begun && wanted.limit !== undefined && begun.rows >= wanted.limit) {
    await rename(part, path);
    context.note(`${printableLine(path)} has its ${countOf(begun.rows, 'row')} already`);
    return;
  }
  const target = createWriteStream(part, { flags: begun ? 'a' : 'w', flush: true });
  try {
    await write(
      wanted,
      { opening: begun && begun.bytes > 0 ? '' : opening, render, target, begun, path },
      context,
    );
    await rename(part, path);
  } catch (error) {
    throw isOfDisk(error) ? failure(part, error) : error;
  }
};

/** Cuts the part of an export behind its last whole row. @throws {CommandError} when there is none, or it is another */
const takeUp = async (path: string, format: 'csv' | 'jsonl', opening: string): Promise<RowsEnd> => {
  const part = `${path}${PART}`;
  const found = existsSync(part) ? part : path;
  if (!existsSync(found))
    throw new CommandError(`--resume: there is neither ${part} nor ${path}; check the path`);
  const end = await findEnd(found, format, opening);
  if (end === undefined)
    throw new CommandError(
      `--resume: ${found} is no ${format} export with these columns; give the same --format and --columns`,
    );
  if (found === path) await rename(path, part);
  await truncate(part, end.bytes);
  return end;
};

type Writing = {
  opening: string;
  render: (row: ExportRow) => string;
  target: NodeJS.WritableStream;
  begun?: RowsEnd | undefined;
  /** The file that it is; undefined for standard output. */
  path?: string;
};

const EVERY_MS = 250;

const write = async (
  { query, texts, keys, limit }: Wanted,
  { opening, render, target, begun, path }: Writing,
  { client, errors, note, signal }: ApiContext,
): Promise<void> => {
  // On a terminal the rows themselves are the progress.
  const live = errors.isLive && (path !== undefined || !process.stdout.isTTY) ? errors.live() : undefined;
  let rows = begun?.rows ?? 0;
  let bytes = (begun?.bytes ?? 0) + Buffer.byteLength(opening);
  let shownAt = 0;
  let failed: unknown;
  const asked = {
    ...query,
    ...(texts && { texts: true }),
    ...(keys.length > 0 && { metadata_columns: keys.join(',') }),
    ...(limit !== undefined && { limit: limit - rows }),
    ...(begun?.cursor && { cursor: begun.cursor }),
  };
  const text = async function* () {
    if (opening !== '') yield opening;
    try {
      for await (const row of client.runs.export(asked, { signal })) {
        const line = render(row);
        rows += 1;
        bytes += Buffer.byteLength(line);
        if (live && performance.now() - shownAt > EVERY_MS) {
          shownAt = performance.now();
          live.show([errors.dim(`${countOf(rows, 'row')} · ${bytesText(bytes)}`)]);
        }
        yield line;
      }
    } catch (error) {
      // The rows until then are written.
      failed = error;
    }
  };
  try {
    await pipeline(Readable.from(text()), target, { end: path !== undefined });
  } catch (error) {
    failed ??= error;
  }
  live?.finish([]);
  if (failed !== undefined) {
    if (path === undefined) note(`the export is not whole: ${countOf(rows, 'row')}`);
    else if (rows === 0) await rm(`${path}${PART}`, { force: true });
    else {
      // Of rows that the disk did not take, some were counted.
      const count = isOfDisk(failed) ? 'some' : counted(rows);
      note(
        `the export is not whole: ${count} rows are in ${printableLine(path)}${PART}; go on with the same options and --resume ${printableLine(path)}`,
      );
    }
    throw failed;
  }
  note(
    `${countOf(rows, 'row')} · ${bytesText(bytes)}${path === undefined ? '' : ` · ${printableLine(path)}`}`,
  );
};
