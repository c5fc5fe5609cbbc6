import { StorageError } from '../../../../client/index.ts';
import { sleep } from '../../../../client/transport.ts';
import type { ApiContext } from '../../../api-command.ts';
import { CommandError } from '../../../command.ts';
import { ExitStatus } from '../../../exit-status.ts';
import { printableLine } from '../../../terminal/printable.ts';
import { counted } from '../../../terminal/units.ts';
import { writeWhole } from '../../../whole-file.ts';
import { findFile, placeNamed } from '../find-file.ts';
import { endFile } from './end.ts';
import { requireReplaceable } from './place.ts';

const LIMIT_MS = 120_000;
const PAUSE_MS = 1_000;

/** Fetches the results that a file has by now. Returns the exit status. */
export const fetchSoFar = async (
  path: string,
  {
    out,
    force,
    json: isJson,
  }: { out?: string | undefined; force?: boolean | undefined; json?: boolean | undefined },
  context: ApiContext,
): Promise<number> => {
  const { client, screen, json, note, signal } = context;
  const found = await findFile(path, context);
  const { place, named } = await placeNamed(path, found, out);
  await requireReplaceable(place, { force, signal });
  if (found.ended_at !== null) return endFile(found, { ...context, place, named, force: true, isJson });
  if (found.status !== 'generating')
    throw new CommandError(`file ${found.id} is ${found.status.replaceAll('_', ' ')}; it has no results yet`);
  const file = await client.files.results(found.id, { signal });
  if (place.format === 'txt') throw new CommandError(`file ${file.id} has no answer yet; watch it`);
  const response = await written(file.id, place.format === 'csv' ? 'partial_csv' : 'partial', context);
  await writeWhole(place.path, response.body, { signal });
  if (isJson) json(file);
  else
    screen.entry(
      'results',
      screen.good(printableLine(place.path)),
      `${counted(file.counts.completed)} of ${counted(file.counts.lines)} rows answered`,
    );
  note('these are the results so far; the file goes on');
  return ExitStatus.ok;
};

/** Waits until the results that were asked for are written: those of an earlier request may be there. */
const written = async (
  id: string,
  format: 'partial' | 'partial_csv',
  { client, signal }: ApiContext,
): Promise<Response> => {
  const until = performance.now() + LIMIT_MS;
  // Whole seconds, as the object store tells when an object was written.
  const from = Math.floor(Date.now() / 1000) * 1000;
  for (;;) {
    try {
      const response = await client.files.download(id, format, { signal });
      const at = Date.parse(response.headers.get('last-modified') ?? '');
      if (Number.isNaN(at) || at >= from) return response;
      await response.body?.cancel();
    } catch (error) {
      if (!(error instanceof StorageError && error.status === 404)) throw error;
    }
    if (performance.now() > until)
      throw new CommandError(`the results of file ${id} were not written in time; ask again`);
    await sleep(PAUSE_MS, signal);
  }
};
