import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, columnsWith } from '../../../lib/export/columns.ts';
import { rowFormatOf } from '../../../lib/export/formats.ts';
import { parseExportQuery } from '../../../lib/export/query.ts';
import { exportText } from '../../../lib/export/stream.ts';
import { makeGenerateOne, serverError } from '../../factories/generation.ts';
import { makeWorld } from '../../memory/world.ts';
import {
  exportedRows,
  exportOf,
  generate,
  makeExportedWorld,
  piecesOf,
  type Row,
  rowsIn,
} from './exported-world.ts';

const csvRows = (text: string): Record<string, string>[] => parse(text, { columns: true });

describe('an export as CSV', () => {
  test('has the header in the order of the columns, and the values of JSON Lines', async () => {
    const world = await makeExportedWorld(4);
    const text = await exportOf(world, 'metadata_columns=team');
    const csv = await csvOf(world, 'metadata_columns=team');
    const rows = rowsIn(text);
    expect(csv.split('\r\n', 1)[0]).toBe(
      columnsWith(['team'])
        .map(({ name }) => name)
        .join(','),
    );
    const cells = csvRows(csv);
    expect(cells).toHaveLength(rows.length);
    for (const [at, row] of rows.entries()) {
      for (const { name, kind } of columnsWith(['team'])) {
        const cell = cells[at]?.[name];
        const value = row[name] ?? null;
        if (value === null) expect([name, cell]).toEqual([name, '']);
        else if (kind === 'json') expect([name, JSON.parse(cell ?? '')]).toEqual([name, value]);
        else if (kind === 'double') expect(Number(cell)).toBeCloseTo(Number(value), 9);
        else expect([name, cell]).toEqual([name, String(value)]);
      }
    }
  });

  test('writes money and times as plain decimals', async () => {
    const world = await makeExportedWorld(1);
    const [row] = csvRows(await csvOf(world));
    for (const name of ['cost_usd', 'ttft_ms', 'seconds_per_token'])
      expect(row?.[name]).toMatch(/^\d+(\.\d+)?$/);
  });

  test('holds no cell that a spreadsheet runs as a formula', async () => {
    const formula = '=HYPERLINK("http://evil.example")';
    const world = makeWorld({ generateOne: makeGenerateOne(() => formula) });
    await generate(world, { prompt: formula, metadata: { team: formula, '=x': '-1,=2' } });
    const [row] = csvRows(await csvOf(world, 'texts=true&metadata_columns=team'));
    for (const name of ['prompt', 'text', 'metadata.team']) expect(row?.[name]).toBe(`'${formula}`);
    expect(JSON.parse(row?.metadata ?? '')).toEqual({ team: formula, '=x': '-1,=2' });
    expect(row?.metadata).not.toMatch(/[,;|\t\r\n]\s*["']*[=+\-@]/);
  });

  test('writes JSON that is read back as it was', () => {
    const { opening, render } = rowFormatOf('csv', []);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (metadata) => {
        const run = {
          id: 'run_1',
          status: 'queued',
          createdAt: '',
          model: 'm',
          store: true,
          conversation: null,
          previousRun: null,
          file: null,
          metadata,
        } as const;
        const row = {
          run,
          error: null,
          output: null,
          used: null,
          prompt: null,
          messages: null,
          text: null,
          toolCalls: null,
          cursor: 'c',
        };
        const [read] = csvRows(opening + render(row));
        expect(JSON.parse(read?.metadata ?? '')).toEqual(JSON.parse(JSON.stringify(metadata)));
      }),
    );
  });
});

const csvOf = async (...[world, parameters = '']: Parameters<typeof exportOf>): Promise<string> => {
  const { query } = parseExportQuery(new URLSearchParams(parameters), 'docs');
  let text = '';
  for await (const piece of exportText('csv', query, world.deps)) text += piece;
  return text;
};

describe('an export that cannot be finished', () => {
  test('ends in time, with a last row that says where to go on', async () => {
    const world = await makeExportedWorld(60);
    const rows = await exportedRows(world);
    let left = 16_000;
    const remainingMs = () => {
      left -= 30;
      return left;
    };
    const cut = await exportedRows(world, '', { remainingMs });
    const end = cut.at(-1);
    expect(end).toMatchObject({ run_id: null, error_code: 'out_of_time', cursor: cut.at(-2)?.cursor });
    expect(Object.keys(end ?? {})).toEqual(COLUMNS.map(({ name }) => name));
    const rest = await exportedRows(world, `cursor=${end?.cursor}`);
    expect([...cut.slice(0, -1), ...rest]).toEqual(rows);
  });

  test('names the failure of a read in a last row, then breaks the connection', async () => {
    const world = await makeExportedWorld(300);
    const rows = await exportedRows(world);
    const [oldest = ''] = [...world.runs.runs.keys()];
    const content = {
      get: async (key: string) => {
        if (key.includes(oldest)) throw serverError();
        return world.content.get(key);
      },
    };
    let text = '';
    const reading = (async () => {
      for await (const piece of piecesOf(world, '', { content, sleep: async () => {} })) text += piece;
    })();
    await expect(reading).rejects.toThrow('the service answered 503');
    const cut: Row[] = rowsIn(text);
    expect(cut.at(-1)).toMatchObject({ run_id: null, error_code: 'upstream_error' });
    const rest = await exportedRows(world, `cursor=${cut.at(-1)?.cursor}`);
    expect([...cut.slice(0, -1), ...rest]).toEqual(rows);
  });

  test('throws the error alone when nothing was sent yet', async () => {
    const world = await makeExportedWorld(2);
    const content = {
      get: async () => {
        throw serverError();
      },
    };
    const pieces = piecesOf(world, '', { content, sleep: async () => {} });
    await expect(pieces.next()).rejects.toThrow('the service answered 503');
  });
});
