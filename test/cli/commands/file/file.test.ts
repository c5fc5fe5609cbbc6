import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../../../tools/tmux.ts';
import { endAll, type RunningStack, runStack, temporaryFolder } from '../../../e2e/stack-process.ts';
import { runEverytoken } from '../../run-everytoken.ts';

const PRICES = {
  'everytoken-ngram': { input: 0.5, output: 1.5, source: 'invented', as_of: '2026-11-20' },
};
const UNPACED = ['--default', 'extra_body={"pace":0}', '--max-tokens', '12'];
const ROWS = 40;
const MISSING = 5;
const TOO_LONG = 9;
const HOSTILE = '\x1b]0;owned\x07\x1b[31mred\u202e';

let stack: RunningStack;
const folder = temporaryFolder();
const state = join(folder, 'state');
let pane: TmuxPane | undefined;

beforeAll(async () => {
  stack = await runStack(undefined, { PRICES: JSON.stringify(PRICES) });
  writeFileSync(join(folder, 't.txt'), 'Describe {{name}} to {{audience}}.\n');
}, 300_000);
afterEach(() => pane?.close());
afterAll(endAll);

/** A table whose row `MISSING` lacks a cell and whose row `TOO_LONG` is too long, by the numbers of its lines. */
const writeTable = (name: string, changes: Record<number, string> = {}): string => {
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const line = at + 2;
    if (changes[line] !== undefined) return changes[line];
    if (line === MISSING) return `${name} ${line},`;
    if (line === TOO_LONG) return `${'x'.repeat(600_000)},all`;
    return `${name} ${line} ${HOSTILE},beginners`;
  });
  const path = join(folder, `${name}.csv`);
  writeFileSync(path, `name,audience\n${rows.join('\n')}\n`);
  return path;
};

const everytoken = (...args: string[]) =>
  runEverytoken(args, stack.dataDir, { XDG_STATE_HOME: state, HOME: folder });
const template = () => ['--template', join(folder, 't.txt')];

const expectHarmless = (text: string) => expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
const oneLine = (text: string) => text.replace(/\s+/g, ' ');

describe('a spreadsheet of 40 rows, two of which fail', { timeout: 120_000 }, () => {
  test('is estimated, generated, mended and retried; only the mended rows are paid', async () => {
    const path = writeTable('products');
    const results = join(folder, 'products.results.csv');
    const estimated = await everytoken('file', 'estimate', path, ...template(), ...UNPACED);
    expect(estimated.status).toBe(3);
    expect(oneLine(estimated.out)).toContain('40 rows · 38 to generate · 2 with faults');
    expect(oneLine(estimated.out)).toContain(`line ${MISSING}`);
    expect(estimated.out).toMatch(/^cost +.*\$/m);
    expect(existsSync(results)).toBe(false);

    const run = await everytoken('file', 'run', path, ...template(), ...UNPACED);
    expect(run.status).toBe(3);
    for (const text of [estimated.out, run.out, run.err]) expectHarmless(text);
    const out = oneLine(run.out);
    expect(out).toContain('38 of 40 answered · 2 failed');
    expect(out).toMatch(/cost \$0\.\d+ paid now ·/);
    expect(out).toContain(`line ${MISSING} missing_variable: variables.audience: is missing`);
    expect(out).toContain(`line ${TOO_LONG} · prompt_too_large: prompt: is over`);
    expect(out).toContain(`results ${results}`);
    expect(out).toContain(`everytoken file retry ${path}`);
    const rows = readFileSync(results, 'utf8').trimEnd().split('\r\n');
    expect(rows).toHaveLength(1 + ROWS);
    expect(rows.filter((row) => row.includes(',completed,'))).toHaveLength(38);

    const nothing = await everytoken('file', 'retry', path);
    expect([nothing.status, nothing.out]).toEqual([3, '']);
    expect(nothing.err).toContain('no row is left to generate');

    writeTable('products', { [MISSING]: 'a queue,engineers', [TOO_LONG]: 'a cache,engineers' });
    const retried = await everytoken('file', 'retry', path);
    expect([retried.status, oneLine(retried.out)]).toEqual([0, expect.any(String)]);
    expect(oneLine(retried.err)).toContain('2 to generate · 38 answered by an earlier file');
    expect(oneLine(retried.out)).toContain('40 of 40 answered · 38 reused from an earlier file');
    const [, first = '', second = ''] =
      /cost (\$\S+) paid now.*cost (\$\S+) paid now/.exec(`${out} ${oneLine(retried.out)}`) ?? [];
    expect(Number(second.slice(1))).toBeGreaterThan(0);
    expect(Number(second.slice(1))).toBeLessThan(Number(first.slice(1)) / 5);
    expect(readFileSync(results, 'utf8').match(/,completed,/g)).toHaveLength(ROWS);

    // On another machine nothing tells the template's fields: rows would be paid for again.
    writeTable('products', { [MISSING]: 'a tree,engineers', [TOO_LONG]: 'a cache,engineers' });
    const elsewhere = await runEverytoken(['file', 'retry', path, ...template()], stack.dataDir, {
      XDG_STATE_HOME: join(folder, 'elsewhere'),
    });
    expect([elsewhere.status, elsewhere.out]).toEqual([1, '']);
    expect(elsewhere.err).toContain('error: no row is reused: the template or the fields are not those');

    const listed = JSON.parse((await everytoken('file', 'list', '--json')).out);
    expect(listed.map(({ counts }: { counts: { failed: number } }) => counts.failed)).toEqual([0, 2]);
  });

  test('refuses what would fail or overwrite before anything is paid for', async () => {
    const path = writeTable('careful');
    writeFileSync(join(folder, 'typo.txt'), 'Describe {{nam}}.');
    writeFileSync(join(folder, 'careful.results.csv'), 'my own notes\n');
    writeFileSync(join(folder, 'book.xlsx'), 'PK');
    mkdirSync(join(folder, 'sub'), { recursive: true });
    const hostile = join(folder, `bad${HOSTILE.replaceAll('/', '')}.csv`);
    writeFileSync(hostile, 'prompt\nExplain queues.\n');
    writeFileSync(join(folder, 'header.csv'), `na${HOSTILE}me\nx\n`);
    const attempts = await Promise.all([
      everytoken('file', 'run', path, ...template()),
      everytoken('file', 'run', path, '--template', join(folder, 'typo.txt'), '--force'),
      everytoken('file', 'run', join(folder, 'book.xlsx')),
      everytoken('file', 'run', hostile),
      everytoken('file', 'run', join(folder, 'none.csv')),
      everytoken('file', 'run', join(folder, 'header.csv'), ...template()),
      everytoken('file', 'run', path, ...template(), '--out', join(folder, 'sub')),
    ]);
    for (const { status, out, err } of attempts) {
      expect([status, out]).toEqual([1, '']);
      expectHarmless(err);
    }
    expect(attempts.map(({ err }) => err.split('\n').at(-2))).toEqual([
      expect.stringMatching(
        /^error: .*careful\.results\.csv is there, and does not look like results.*--force$/,
      ),
      expect.stringMatching(/^error: the template asks for \{\{nam\}\} \(did you mean \{\{name\}\}\?\)/),
      expect.stringMatching(/^error: .*book\.xlsx is a workbook.*CSV UTF-8/),
      expect.stringMatching(/^error: the name of .* rename the file$/),
      expect.stringMatching(/^error: there is no file .*none\.csv; check the path$/),
      expect.stringMatching(/^error: the template asks for \{\{name\}\}/),
      expect.stringMatching(/^error: --out .*sub: it is no file; /),
    ]);
    const wrong = await everytoken('file', 'run', path, '--max-tokens', 'many');
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining("'--max-tokens <n>'")]);
  });

  test('has all figures in JSON Lines, and prints the answer of the API by --json', async () => {
    const path = writeTable('figures');
    const out = join(folder, 'all.jsonl');
    const ended = await everytoken('file', 'run', path, ...template(), ...UNPACED, '--out', out, '--json');
    expect(ended.status).toBe(3);
    expect(JSON.parse(ended.out)).toMatchObject({ object: 'file', counts: { completed: 38, failed: 2 } });
    expectHarmless(ended.out);
    const lines = readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(ROWS);
    expect(lines[0].run.generations[0].timing.ttft_ms).toEqual(expect.any(Number));
  });
});

describe.skipIf(!HAS_TMUX)('in a terminal', { timeout: 120_000 }, () => {
  const start = (columns: number, ...args: string[]) =>
    startTmux([process.execPath, 'cli/everytoken.ts', ...args], {
      columns,
      env: { EVERYTOKEN_DATA_DIR: stack.dataDir, XDG_STATE_HOME: state, HOME: folder },
    });

  test.each([80, 140])('%i columns: estimate, question, bar, counts, reasons and place', async (columns) => {
    const path = writeTable(`wide${columns}`);
    pane = start(columns, 'file', 'run', path, ...template(), '--max-tokens', '12');
    await pane.until(/Generate it\? \[y\/N\]/);
    pane.press('y', 'Enter');
    await pane.until(/[█░]{10,} \d+ of 40 · 2 failed/);
    expect(await pane.ended()).toBe(3);
    const lines = pane.lines();
    expect(lines.find((line) => line.startsWith('rows'))).toBe(
      'rows         40 rows · 38 to generate · 2 with faults',
    );
    expect(lines.filter((line) => /[█░]{10,}/.test(line))).toEqual([
      expect.stringMatching(/^█{40} 40 of 40 · 2 failed · \$0\.\d+$/),
    ]);
    expect(oneLine(lines.join(' '))).toContain(`failed line ${MISSING}`);
    expect(lines.some((line) => line.startsWith('results'))).toBe(true);
    expect(pane.faults()).toEqual([]);
  });

  test('Ctrl-C leaves the file to be generated, and says how to see or stop it', async () => {
    const path = writeTable('left');
    pane = start(80, 'file', 'run', path, ...template(), '--max-tokens', '40', '--yes');
    await pane.until(/[█░]{10,} \d+ of 40/);
    pane.press('C-c');
    expect(await pane.ended()).toBe(130);
    const text = pane.lines().join('\n');
    const [, id = ''] =
      /npx everytoken file watch (file_\w{26})\n {2}npx everytoken file stop \1/.exec(text) ?? [];
    expect(id).not.toBe('');
    const watched = await everytoken('file', 'watch', path);
    expect(watched.status).toBe(3);
    expect(oneLine(watched.out)).toContain('38 of 40 answered');
    expect(existsSync(join(folder, 'left.results.csv'))).toBe(true);
  });
});
