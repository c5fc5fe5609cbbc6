import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');

const git = (...words: string[]): Buffer =>
  execFileSync('git', words, { cwd: root, maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] });

/** Whether the repository's history reaches back to a commit. That of a shallow clone does not. */
export const hasCommit = (commit: string): boolean => {
  try {
    git('cat-file', '-e', `${commit}^{commit}`);
    return true;
  } catch {
    return false;
  }
};

/**
 * Imports modules of `lib` as they were at a commit, beside those of now: from a folder in the repository, where packages
 * are found.
 */
export const importEarlier = async (commit: string, modules: readonly string[]): Promise<unknown[]> => {
  const cache = join(root, '.cache', 'earlier-code');
  const folder = join(cache, commit);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const made = mkdtempSync(join(cache, 'new-'));
    execFileSync('tar', ['-x', '-C', made], { input: git('archive', commit, 'lib') });
    try {
      renameSync(made, folder);
    } catch {
      rmSync(made, { recursive: true }); // another process was faster
    }
  }
  return Promise.all(
    modules.map((module) => import(/* @vite-ignore */ pathToFileURL(join(folder, module)).href)),
  );
};
