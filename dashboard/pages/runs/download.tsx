import { useState } from 'preact/hooks';
import type { RunQuery } from '../../../client/index.ts';
import { apiKey, baseUrl, everytoken } from '../../api.ts';
import { Icon } from '../../parts/icon.tsx';
import { saveFile } from '../../parts/save.ts';
import { reasonOf } from '../../parts/states.tsx';
import { filtersOf } from './run-query.ts';

const FILENAME = 'runs.csv';
/** A download with a key passes through the memory of this tab. */
const MOST_BYTES = 200 * 1024 ** 2;

/**
 * The runs of the present filters as a table, a row an output. Without a key the browser downloads it by itself; with one
 * the page must ask, since a link sends no key.
 */
export const Download = ({ query }: { query: URLSearchParams }) => {
  const filters = filtersOf(query);
  const [state, setState] = useState<string | undefined>(undefined);
  if (apiKey.value === '') {
    const address = new URL('runs', baseUrl);
    for (const [name, value] of Object.entries({ ...filters, format: 'csv' }))
      address.searchParams.set(name, String(value));
    return (
      <a class="button" href={address.href} download={FILENAME}>
        <Icon name="down" />
        CSV
      </a>
    );
  }
  const download = async (): Promise<void> => {
    setState('Reading');
    try {
      const table = await tableOf(filters, (bytes) => setState(`${Math.round(bytes / 1024)} KB`));
      saveFile(table, FILENAME);
      setState(undefined);
    } catch (error) {
      setState(reasonOf(error));
    }
  };
  return (
    <>
      <span class="muted small" role="status">
        {state}
      </span>
      <button type="button" class="button" onClick={download}>
        <Icon name="down" />
        CSV
      </button>
    </>
  );
};

const tableOf = async (filters: RunQuery, onBytes: (bytes: number) => void): Promise<Blob> => {
  const { body } = await everytoken().runs.exportCsv(filters);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  if (body)
    for await (const part of body) {
      bytes += part.length;
      if (bytes > MOST_BYTES)
        throw new Error(
          'This table has more than 200 MB. Narrow the filters, or run `everytoken export`, which writes a file of any size.',
        );
      parts.push(part);
      onBytes(bytes);
    }
  return new Blob(parts, { type: 'text/csv' });
};
