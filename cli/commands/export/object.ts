import type { Export } from '../../../client/index.ts';
import { sleep } from '../../../client/transport.ts';
import { dropAbsent } from '../../../lib/json/value.ts';
import type { ApiContext } from '../../api-command.ts';
import { CommandError, UsageError } from '../../command.ts';
import { printableLine } from '../../terminal/printable.ts';
import { bytesText, countOf } from '../../terminal/units.ts';
import { writeWhole } from '../../whole-file.ts';
import { requirePlace } from './place.ts';
import type { Wanted } from './wanted.ts';

type Place = { out: string | undefined; force: boolean | undefined; json?: boolean | undefined };

const EVERY_MS = 1_000;

/** Has the API write runs as a Parquet file, and fetches it. Ctrl-C before it is written deletes the export. */
export const exportObject = async (wanted: Wanted, place: Place, context: ApiContext): Promise<void> => {
  const { client, note, signal } = context;
  await requirePlace(requireOut(place), { force: place.force, signal });
  const created = await client.exports.create(requestOf(wanted), { signal });
  try {
    await waitFor(created.id, context);
  } catch (error) {
    if (signal.aborted) {
      await client.exports.delete(created.id).catch(() => {});
      note('the export was deleted');
    }
    throw error;
  }
  // It was allowed to replace what is there before it was asked for.
  await fetchObject(created.id, { ...place, force: true }, context);
};

const requireOut = ({ out }: Pick<Place, 'out'>): string => {
  if (out === undefined) throw new UsageError('--out is missing: name the file, such as --out runs.parquet');
  return out;
};

const requestOf = ({ query, texts, keys, limit }: Wanted) => {
  const { conversation, ...filters } = query;
  if (conversation !== undefined)
    throw new UsageError('--conversation does not go with Parquet; export it as .csv or .jsonl');
  const entries = Object.entries(filters);
  const isMetadata = ([name]: [string, unknown]) => name.startsWith('metadata.');
  const metadata = Object.fromEntries(
    entries.filter(isMetadata).map(([name, value]) => [name.slice('metadata.'.length), String(value)]),
  );
  return dropAbsent({
    format: 'parquet' as const,
    ...Object.fromEntries(entries.filter((entry) => !isMetadata(entry))),
    metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
    limit,
    texts: texts || undefined,
    metadata_columns: keys.length > 0 ? keys : undefined,
  });
};

const waitFor = async (id: string, { client, errors, signal }: ApiContext): Promise<Export> => {
  const live = errors.isLive ? errors.live() : undefined;
  for (;;) {
    const found = await client.exports.get(id, { signal });
    const { status, rows, bytes, error } = found;
    live?.show([errors.dim(`${status} · ${countOf(rows, 'row')} · ${bytesText(bytes)}`)]);
    if (status === 'failed') {
      live?.finish([]);
      throw new CommandError(
        `export ${id} failed: ${error ? `${error.code}: ${error.message}` : 'no reason is known'}; ask for fewer rows (--since, --limit)`,
      );
    }
    if (status === 'completed') {
      live?.finish([]);
      return found;
    }
    await sleep(EVERY_MS, signal);
  }
};

/** Fetches an export once it is written. */
export const fetchObject = async (id: string, place: Place, context: ApiContext): Promise<void> => {
  const out = requireOut(place);
  const { client, errors, json, note, again, signal } = context;
  await requirePlace(out, { force: place.force, signal });
  const written = await waitFor(id, context);
  const live = errors.isLive ? errors.live() : undefined;
  try {
    const { body } = await client.exports.download(id, { signal });
    await writeWhole(out, body, {
      signal,
      onBytes: (bytes) =>
        live?.show([errors.dim(`fetching ${bytesText(bytes)} of ${bytesText(written.bytes)}`)]),
    });
  } catch (error) {
    note(
      `the export is kept for a week: ${again(`export --id ${printableLine(id)} --out ${printableLine(out)}`)}`,
    );
    throw error;
  }
  live?.finish([]);
  if (place.json) json(written);
  note(`${countOf(written.rows, 'row')} · ${bytesText(written.bytes)} · ${printableLine(out)}`);
};
