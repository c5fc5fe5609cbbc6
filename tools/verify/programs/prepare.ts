import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something that verification needs is not there; the message says what to do about it. */
export class MissingTool extends Error {}

/** Programs, and the Debian package that has each. */
const PACKAGES = {
  cmake: 'cmake',
  'g++': 'g++',
  ip: 'iproute2',
  java: 'default-jre-headless',
  make: 'make',
  python3: 'python3',
  tar: 'tar',
  unshare: 'util-linux',
  xz: 'xz-utils',
};
export type Program = keyof typeof PACKAGES;

const isThere = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Throws `MissingTool` that names the packages to install, unless all programs are there. */
export const requirePrograms = (...programs: Program[]): void => {
  const missing = programs.filter((program) => !isThere(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => PACKAGES[program]);
  throw new MissingTool(`no ${missing.join(', ')}: apt-get install ${packages.join(' ')}`);
};
