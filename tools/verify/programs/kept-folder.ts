import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** A folder that is made once: by `make` in a draft beside it, which gets its name when it is whole. */
export const keptFolder = async (folder: string, make: (draft: string) => Promise<void>): Promise<string> => {
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await make(draft);
    renameSync(draft, folder);
    return folder;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};
