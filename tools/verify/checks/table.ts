import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from '../../../local/aws/template/stack-model.ts';
import { must, type Report } from '../report.ts';

const CONFIG = join('tools', 'verify', 'dynamodb-local', 'vitest.config.ts');
const LIMIT_MS = 5 * 60_000;

type TestResult = {
  ancestorTitles: string[];
  title: string;
  status: string;
  duration?: number;
  failureMessages: string[];
};
type Results = { testResults: { message: string; assertionResults: TestResult[] }[] };

/** Runs the stores' contract suites against the template's table in AWS's DynamoDB Local. */
export const checkTable = async (
  root: string,
  url: string,
  table: Table,
  { part, check, record }: Report,
): Promise<void> => {
  part("The table, on AWS's DynamoDB Local");
  const { testResults } = await runSuites(root, url, table);
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  for (const { ancestorTitles, title, status, duration, failureMessages } of results) {
    const suite = ancestorTitles
      .join(', ')
      .replace('DynamoDB Local as a ', '')
      .replace('DynamoDB Local as ', '');
    const problem = status === 'passed' ? undefined : (failureMessages[0]?.split('\n')[0] ?? status);
    record(`${suite}: ${title}`, duration ?? 0, problem);
  }
  await check('all suites were run', async () => {
    const words = testResults.map(({ message }) => message).join(' ');
    must(results.length > 0, words || 'vitest found no tests');
    return `${results.length} tests`;
  });
};

const runSuites = async (root: string, url: string, { definition }: Table): Promise<Results> => {
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-verify-'));
  const outputFile = join(folder, 'results.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [
    vitest,
    'run',
    '--config',
    CONFIG,
    '--root',
    root,
    '--reporter=json',
    '--outputFile',
    outputFile,
  ];
  const env = { ...process.env, DYNAMODB_URL: url, TABLE_DEFINITION: JSON.stringify(definition) };
  try {
    // The exit status is ignored: the results file says which tests failed.
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, args, { cwd: root, env, timeout: LIMIT_MS }, (_, out, err) =>
        resolve(out + err),
      );
    });
    try {
      return JSON.parse(readFileSync(outputFile, 'utf8'));
    } catch {
      throw new Error(`vitest did not run: ${output.slice(-500)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
