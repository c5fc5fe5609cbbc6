import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkFiles, type StoredFile } from '../../../../tools/soak/fuzz/check-files.ts';
import type { FuzzFile } from '../../../../tools/soak/fuzz/draw-file.ts';

const bytes = Buffer.from('one');
const served: FuzzFile = { number: 0, key: 'prompts/a.txt', bytes, isServed: true, fault: 'valid' };
const other: FuzzFile = { number: 1, key: 'prompts/a.pdf', bytes, isServed: false, fault: 'valid' };

/** A prompt file of one line with its results, and an object that is no prompt file. */
const consistentState = () => {
  const etag = createHash('md5').update(bytes).digest('hex');
  const files: StoredFile[] = [{ id: 'f', key: served.key, etag, status: 'completed', lines: 1 }];
  const objects = new Map([
    ['results/prompts/a.txt.f.jsonl', '{"run_id": "run_0"}\n'],
    ['results/prompts/a.txt.f.summary.json', '{}'],
    ['results/prompts/a.txt.jsonl', '{"run_id": "run_0"}\n'],
  ]);
  return { files, objects };
};
const check = ({ files, objects }: ReturnType<typeof consistentState>) =>
  checkFiles([served, other], {
    files,
    keys: new Set(objects.keys()),
    text: async (key) => objects.get(key) ?? '',
  });

test('the check counts the end of each file, its lines and their runs', async () => {
  const report = await check(consistentState());
  expect(report).toMatchObject({ dropped: 2, ignored: 1, lines: 1, broken: [] });
  expect([...report.ends, ...report.runs]).toEqual([['completed', 1], 'run_0']);
});

type Damage = [what: string, damage: (given: ReturnType<typeof consistentState>) => void, found: string];
test.each<Damage>([
  ['a file without an item', ({ files }) => files.pop(), 'is 0 files'],
  ['a file with two', ({ files }) => files.push(...files), 'is 2 files'],
  [
    'one that has not ended',
    ({ files }) => Object.assign(files[0] ?? {}, { status: 'reading' }),
    'is reading',
  ],
  [
    'one without a summary',
    ({ objects }) => objects.delete('results/prompts/a.txt.f.summary.json'),
    'has no .summary',
  ],
  [
    'results of too few lines',
    ({ files }) => Object.assign(files[0] ?? {}, { lines: 2 }),
    '1 results for 2 lines',
  ],
  [
    'results that are not JSON',
    ({ objects }) => objects.set('results/prompts/a.txt.f.jsonl', 'x\n'),
    'is not JSON',
  ],
  [
    "another's results under the key",
    ({ objects }) => objects.set('results/prompts/a.txt.jsonl', '{}'),
    "another file's",
  ],
  [
    'results of what is no prompt file',
    ({ objects }) => objects.set('results/prompts/a.pdf.jsonl', '{}'),
    'has results',
  ],
])('the check finds %s', async (_, damage, found) => {
  const given = consistentState();
  damage(given);
  expect((await check(given)).broken.join('; ')).toContain(found);
});
