import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { MAX_FILE_INPUTS } from '../../lib/files/embeddings/lines.ts';
import { estimateFile } from '../../lib/files/estimate/estimate-file.ts';
import type { FileFault } from '../../lib/files/formats/faults.ts';
import { parseSidecar } from '../../lib/files/formats/file-defaults.ts';
import {
  formatOfKey,
  MAX_FILE_BYTES,
  MAX_PROMPTS,
  MAX_RECORD_BYTES,
  type PromptFormat,
} from '../../lib/files/formats/format-of-key.ts';
import { toRequest } from '../../lib/files/formats/to-request.ts';
import { shapesOf } from '../../lib/files/results/shapes.ts';
import { PATIENCE_MS } from '../../lib/files/work/window.ts';
import { PROBLEM_CODES } from '../../lib/http/problem.ts';
import { MAX_PASSED_BYTES, MAX_PROMPT_BYTES, parseRunRequest } from '../../lib/runs/request.ts';
import { MAX_GENERATIONS } from '../../lib/runs/request-schema.ts';
import { deadLinksIn } from '../../tools/words/check-words.ts';
import { readAll } from '../lib/files/formats/read-all.ts';
import { makeWorld } from '../memory/world.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/files.md'), 'utf8');

/** The examples: a name alone on a line, and the block of text below it. */
const examples = new Map(
  [...page.matchAll(/^`([^`\n]+)`\n```\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => [name, text]),
);
const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const exampleOf = (name: string): string => examples.get(name) ?? '';

const linesOf = async (name: string) => {
  const format = formatOfKey(name);
  if (format === undefined || format === 'defaults') throw new Error(`${name} is no prompt file`);
  const beside = examples.get(`${name}.defaults.json`);
  const sidecar = beside === undefined ? null : parseSidecar(Buffer.from(beside));
  const { head, records } = await readAll(exampleOf(name), { format, sidecar });
  return { head, lines: records.map((record) => toRequest(record, head)) };
};

const bodiesOf = async (name: string) => (await linesOf(name)).lines.map(({ body }) => body);

const tableUnder = (heading: string): string[][] =>
  (page.split(heading)[1] ?? '')
    .split('\n')
    .slice(1)
    .join('\n')
    .trimStart()
    .replace(/\n\n[\s\S]*/, '')
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const codesUnder = (heading: string): string[] =>
  tableUnder(heading).flatMap(([codes = '']) => [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => code));

type Bad = { format: PromptFormat; content: string | Uint8Array };

const badFiles: Record<FileFault, Bad> = {
  empty: { format: 'text', content: ' ' },
  bad_encoding: { format: 'csv', content: Buffer.from('prompt\nErkläre Köln\n', 'latin1') },
  invalid_json: { format: 'jsonl', content: '[\n{"prompt": "x"}\n]' },
  too_large: { format: 'text', content: 'x'.repeat(MAX_FILE_BYTES.text + 1) },
  too_many_prompts: { format: 'jsonl', content: '{}\n'.repeat(MAX_PROMPTS + 1) },
  bad_header: { format: 'csv', content: 'name,city\nA,B\n' },
  bad_defaults: { format: 'jsonl', content: '{"defaults": {"promt": "x"}}\n{}\n' },
};

const batchLine =
  '{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": [{"role": "user", "content": "x"}]}}\n';
const badLines: Record<string, Bad> = {
  invalid_json: { format: 'jsonl', content: '{"prompt": "x"}\n{"prompt": "x"\n' },
  invalid_input: { format: 'json', content: '["x"]' },
  invalid_row: { format: 'csv', content: 'prompt,city\nx,y,z\n' },
  line_too_long: { format: 'jsonl', content: `{"prompt": "${'x'.repeat(MAX_RECORD_BYTES)}"}\n` },
  prompt_too_large: {
    format: 'jsonl',
    content: `{"defaults": {"prompt": "{{a}}{{a}}"}}\n{"variables": {"a": "${'x'.repeat(MAX_PROMPT_BYTES)}"}}\n`,
  },
  missing_variable: {
    format: 'jsonl',
    content: '{"defaults": {"prompt": "{{a}}"}}\n{"variables": {"b": "x"}}\n',
  },
  duplicate_custom_id: { format: 'jsonl', content: batchLine.repeat(2) },
};

describe('docs/files.md', () => {
  test('has an example of each format', () => {
    const formats = [...examples.keys()].map((name) => formatOfKey(name));
    expect(new Set(formats)).toEqual(new Set(['defaults', 'text', 'csv', 'jsonl', 'json']));
  });

  test('has examples that make the requests it says they make', async () => {
    const { lines } = await linesOf('topics.csv');
    expect(lines.map(({ body, error }) => body?.prompt ?? error?.code)).toEqual([
      'Explain vector indexes to beginners, mostly.',
      'Explain queues to engineers.',
      'missing_variable',
    ]);
    expect(lines.map(({ body }) => body?.max_tokens)).toEqual([20, 30, undefined]);
    expect(await bodiesOf('names.jsonl')).toMatchObject([
      { prompt: 'Describe a queue in one sentence.', max_tokens: 60, metadata: { team: 'docs' } },
      { prompt: 'Describe a vector index in one sentence.', temperature: 0.2 },
      { prompt: 'Explain retries.', max_tokens: 60 },
    ]);
    expect(await bodiesOf('queues.md')).toEqual([
      { prompt: 'Write two sentences about **queues**.', temperature: 0.2, max_tokens: 60 },
    ]);
    expect(await bodiesOf('cities.csv')).toEqual([
      { prompt: 'Explain queues.', temperature: 0.7 },
      { prompt: 'Explain retries;\nbriefly.', stop: ['\n\n', 'END'] },
    ]);
    expect(await bodiesOf('list.json')).toMatchObject([
      { samples: 3 },
      { messages: [{ role: 'system' }, {}] },
    ]);
    const batch = await linesOf('batch.jsonl');
    expect([batch.head.kind, batch.lines[0]?.customId]).toEqual(['batch', 'request-1']);
    const asked = ['topics.csv', 'names.jsonl', 'queues.md'].map(bodiesOf);
    for (const body of (await Promise.all(asked)).flat())
      if (body) expect(page).toContain(`\`${body.prompt}\``);
  });

  test('has only examples that are valid requests', async () => {
    const prompts = [...examples.keys()].filter((name) => formatOfKey(name) !== 'defaults');
    const bodies = (await Promise.all(prompts.map(bodiesOf))).flat().filter((body) => body !== null);
    expect(bodies.length).toBeGreaterThan(9);
    for (const body of bodies) expect(() => parseRunRequest(body, { model: 'any' })).not.toThrow();
  });

  test('shows a table of results with the real columns, cells and error', async () => {
    const { head, lines } = await linesOf('topics.csv');
    const [table = ''] = blocks.filter((text) => text.startsWith('name,audience,max_tokens,'));
    expect(table.split('\n')[0]).toBe(shapesOf(head)[1]?.opening.trim());
    const rows: Record<string, string>[] = parse(table, { columns: true });
    expect(rows).toMatchObject(lines.map(({ columns }) => columns));
    const { error } = lines[2] ?? {};
    expect(rows.map((row) => row.error)).toEqual(['', '', `${error?.code}: ${error?.message}`]);
    const [json = ''] = blocks.filter((text) => text.startsWith('{"line": '));
    expect(JSON.parse(json)).toMatchObject({
      line: lines[2]?.line,
      error,
      columns: lines[2]?.columns,
    });
  });

  test('names the actual limits', () => {
    const sizes = ['text', 'json', 'jsonl'].map((format) => Reflect.get(MAX_FILE_BYTES, format));
    expect(MAX_FILE_BYTES.csv).toBe(MAX_FILE_BYTES.jsonl);
    const inBytes = (text = ''): number => {
      const [, figure = '', unit = ''] = /^([\d,]+) ?(KiB|MiB|GiB)?$/.exec(text) ?? [];
      return Number(figure.replaceAll(',', '')) * 1024 ** ['', 'KiB', 'MiB', 'GiB'].indexOf(unit);
    };
    expect(tableUnder('## Limits').map(([, limit]) => inBytes(limit))).toEqual([
      ...sizes,
      MAX_PROMPTS,
      MAX_FILE_INPUTS,
      MAX_RECORD_BYTES,
      MAX_PROMPT_BYTES,
      MAX_PASSED_BYTES,
      MAX_GENERATIONS,
    ]);
    expect(page).toContain(`waits for some ${PATIENCE_MS / 1000} seconds`);
  });

  test.each(Object.entries(badFiles))('has a remedy for a file that is refused as %s', async (code, bad) => {
    const reading = readAll(bad.content, { format: bad.format, sidecar: null });
    await expect(reading).rejects.toMatchObject({ code });
    expect(codesUnder('**The whole file.**')).toContain(code);
  });

  test.each(Object.entries(badLines))('has a remedy for a line that is refused as %s', async (code, bad) => {
    const { head, records } = await readAll(bad.content, { format: bad.format, sidecar: null });
    const codes = records.map((record) => toRequest(record, head).error?.code);
    expect(codes.filter((found) => found !== undefined)).toEqual([code]);
    expect(codesUnder('**One line.**')).toContain(code);
  });

  test('names no code that does not exist', () => {
    const sources = globSync('lib/{files,adapters}/**/*.ts', { cwd: root }).map((file) =>
      readFileSync(join(root, file), 'utf8'),
    );
    const isThere = (code: string) =>
      Object.hasOwn(PROBLEM_CODES, code) || sources.some((source) => source.includes(`'${code}'`));
    const codes = [...codesUnder('**The whole file.**'), ...codesUnder('**One line.**')];
    expect(codes.filter((code) => !isThere(code))).toEqual([]);
    expect(codes.length).toBeGreaterThan(20);
  });

  test('links only to existing targets', () => {
    const read = (file: string) => readFileSync(join(root, file), 'utf8');
    expect(deadLinksIn(page, 'docs/files.md', root, read)).toEqual([]);
    expect(page.match(/\]\([^)]+\)/g)?.length).toBeGreaterThan(8);
  });
});

test('the example of an estimate counts its good line and its bad one', async () => {
  const [, json = ''] = /files\/estimate [\s\S]*?-d '(.*)'$/m.exec(page) ?? [];
  const { accepted, errors, previews } = await estimateFile(JSON.parse(json), 'local', makeWorld().deps);
  expect(accepted).toBe(1);
  expect(errors).toEqual([{ code: 'missing_variable', count: 1, lines: [3] }]);
  expect(previews).toEqual([{ line: 2, text: 'Explain queues to engineers.' }]);
});
