import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commentsIn,
  deadLinksIn,
  deadPathsIn,
  type Finding,
  paragraphsIn,
  riddlesIn,
  titlesIn,
} from './check-words.ts';

// Part of `npm run lint`: words that can be judged by rule, in comments, test titles and documents.

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const listed = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.md'],
  {
    cwd: root,
    encoding: 'utf8',
  },
);
/** The model's training texts, and comments that are made of strings of lib. */
const NOT_OURS = ['local/model/prose/', 'client/api-types.ts'];
const files = listed
  .split('\n')
  .filter((file) => file !== '' && !NOT_OURS.some((path) => file.startsWith(path)));

const findings = files.flatMap((file): Finding[] => {
  const text = read(file);
  if (file.endsWith('.md'))
    return [...riddlesIn(paragraphsIn(text), file), ...deadLinksIn(text, file, root, read)];
  const comments = commentsIn(text);
  return [
    ...riddlesIn(comments, file),
    ...(file.startsWith('test/') ? riddlesIn(titlesIn(text), file) : []),
    ...deadPathsIn(comments, file, root),
  ];
});

for (const { file, line, rule, words } of findings) console.log(`${file}:${line}: ${rule}: ${words}`);
console.log(`words that break a rule: ${findings.length} (${files.length} files read)`);
if (findings.length > 0) process.exitCode = 1;
