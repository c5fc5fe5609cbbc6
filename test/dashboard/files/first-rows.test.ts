import { describe, expect, test } from 'vitest';
import { beginningOf } from '../../../dashboard/files/beginning.ts';
import { firstRowsOf } from '../../../dashboard/files/first-rows.ts';

const WHOLE = { variables: new Set<string>(), isWhole: true };

describe('the first rows of a file', () => {
  test('of a table have its columns, and the ones that a template can use', () => {
    expect(firstRowsOf('name;Model;prompt\nqueues;m;hello\n', 'csv', WHOLE)).toEqual({
      kind: 'a table of 3 columns',
      columns: ['name', 'Model', 'prompt'],
      rows: [{ line: 2, cells: ['queues', 'm', 'hello'] }],
      variables: ['name', 'prompt'],
    });
  });

  test('of JSON lines leave out the defaults, and keep the numbers of the lines', () => {
    const text =
      '{"defaults": {"prompt": "{{name}}"}}\n\n{"variables": {"name": "queues"}}\nno JSON\n{"prompt": "x"}\n';
    expect(firstRowsOf(text, 'jsonl', WHOLE)).toEqual({
      kind: 'requests, one a line',
      columns: ['variables', 'prompt'],
      rows: [
        { line: 3, cells: ['{"name":"queues"}', ''] },
        { line: 5, cells: ['', 'x'] },
      ],
      variables: ['name'],
    });
  });

  test('recognise a file for batches, a list and a text', () => {
    const line = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body: { model: 'm' } };
    expect(firstRowsOf(JSON.stringify(line), 'jsonl', WHOLE)).toMatchObject({
      kind: 'a file for OpenAI’s Batch API',
      columns: ['custom_id', 'url', 'model'],
      rows: [{ cells: ['a', '/v1/chat/completions', 'm'] }],
    });
    expect(firstRowsOf('[{"prompt": "a"}, {"prompt": "b"}]', 'json', WHOLE).rows).toHaveLength(2);
    expect(firstRowsOf('\nHello\n', 'text', WHOLE).rows).toEqual([{ line: 1, cells: ['Hello'] }]);
    expect(firstRowsOf('{"not JSON', 'json', WHOLE).rows).toEqual([]);
  });

  test('of long cells are cut', () => {
    const [row] = firstRowsOf(`prompt\n${'x'.repeat(10_000)}\n`, 'csv', WHOLE).rows;
    expect(row?.cells[0]).toHaveLength(301);
  });
});

describe('the beginning of a file for an estimate', () => {
  const row = 'queues,"engineers,\nmostly"\n';

  test('is all of a small one', () => {
    const text = `name,audience\n${row}`;
    expect(beginningOf(text, 'csv', { size: text.length, isWhole: true, reserved: 0 })).toEqual({
      content: text,
      share: 1,
    });
  });

  test('ends with a whole record, and tells its share of the bytes', () => {
    const text = `name,audience\n${row.repeat(60_000)}`;
    const found = beginningOf(text, 'csv', { size: text.length, isWhole: true, reserved: 0 });
    expect(found?.content.endsWith(row)).toBe(true);
    expect(JSON.stringify(found?.content).length).toBeLessThanOrEqual(2 ** 20);
    expect(found?.share).toBeCloseTo((found?.content.length ?? 0) / text.length, 6);
    const lines = '{"prompt": "é"}\n'.repeat(80_000);
    const some = beginningOf(lines, 'jsonl', { size: 2 * lines.length, isWhole: false, reserved: 1000 });
    expect(some?.content.endsWith('}\n')).toBe(true);
    expect(some?.share).toBeLessThan(0.6);
  });

  test('of a list has its first requests', () => {
    const text = JSON.stringify(
      Array.from({ length: 30_000 }, () => ({ prompt: 'Explain queues, and retries.' })),
    );
    const found = beginningOf(text, 'json', { size: text.length, isWhole: true, reserved: 0 });
    expect(JSON.parse(found?.content ?? '').length / 30_000).toBe(found?.share);
  });

  test('is nothing where one record is larger than an estimate takes', () => {
    const text = `prompt\n${'x'.repeat(2 ** 21)}`;
    expect(beginningOf(text, 'csv', { size: text.length, isWhole: true, reserved: 0 })).toBeUndefined();
  });
});
