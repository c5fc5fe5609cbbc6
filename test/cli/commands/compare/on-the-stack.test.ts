import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endAll, type RunningStack, runStack, temporaryFolder } from '../../../e2e/stack-process.ts';
import { runEverytoken } from '../../run-everytoken.ts';

let stack: RunningStack;
const folder = temporaryFolder();

beforeAll(async () => {
  stack = await runStack();
}, 300_000);
afterAll(endAll);

test('a matrix is compared on the local stack, with a report of its texts', {
  timeout: 120_000,
}, async () => {
  const matrix = join(folder, 'matrix.json');
  const report = join(folder, 'report.html');
  writeFileSync(
    matrix,
    JSON.stringify({
      name: 'Cold or warm?',
      prompts: ['Explain vector databases.', 'Explain embeddings.'],
      settings: [
        { label: 'Cold', temperature: 0.1 },
        { label: 'Warm', temperature: 1.5 },
      ],
      samples: 4,
      max_tokens: 20,
      index: false, // vectors come in batches, and none is needed here
      extra_body: { pace: 0 },
    }),
  );
  const compare = (...args: string[]) => runEverytoken(['compare', ...args], stack.dataDir);
  const { status, out, err } = await compare(matrix, '--html', report, '--require', 'failed<=0', '--json');
  expect([status, err]).toEqual([0, expect.stringMatching(/report +.*report\.html/)]);
  const comparison = JSON.parse(out);
  expect([comparison.status, comparison.progress.completed]).toEqual(['completed', 16]);
  // Words that differ from the other setting's may be marked, amid the text.
  const page = readFileSync(report, 'utf8').replaceAll(/<\/?mark>/g, '');
  for (const { outputs } of comparison.texts)
    for (const { text } of outputs) expect(page).toContain(text.split(/[^\w ]/)[0]);
  expect((await compare('list')).out).toContain(comparison.id);
  expect((await compare('show', comparison.id)).out).toContain(comparison.verdict.summary.slice(0, 40));
});
