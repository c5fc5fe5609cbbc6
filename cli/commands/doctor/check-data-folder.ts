import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DATA_VERSION, holdDataFolder } from '../../../local/data-folder.ts';
import { type Finding, findingOn } from '../../finding.ts';

const OTHER_FOLDER = 'set EVERYTOKEN_DATA_DIR to another folder';
const LOW_BYTES = 2 * 1024 ** 3;
const LEAST_BYTES = 200 * 1024 ** 2;

/** Checks the data folder without a change to it. `isHeld`: a stack runs on it. */
export const checkDataFolder = async (folder: string): Promise<{ isHeld: boolean; findings: Finding[] }> => {
  const finding = findingOn('data folder');
  const isThere = existsSync(folder);
  const parent = nearest(folder);
  const isHeld = isThere && (await isInUse(folder));
  const findings = [
    !isWritable(parent)
      ? finding('wrong', `${parent} cannot be written; ${OTHER_FOLDER}, or change its owner`)
      : isThere
        ? finding('ok', `${folder}, ${isHeld ? 'in use by a stack' : 'not in use'}`)
        : finding('ok', `${folder} does not exist yet; the start creates it`),
    ...(isThere ? versionFindings(folder) : []),
    checkDisk(parent),
  ];
  return { isHeld, findings };
};

const versionFindings = (folder: string): Finding[] => {
  const finding = findingOn('data version');
  const version = versionOf(folder);
  if (version === undefined) return [];
  if (typeof version !== 'number')
    return [finding('wrong', `${join(folder, 'version.json')} cannot be read; ${OTHER_FOLDER}`)];
  if (version > DATA_VERSION)
    return [
      finding(
        'wrong',
        `${version}, written by a newer version of everytoken; update (git pull && npm install), or ${OTHER_FOLDER}`,
      ),
    ];
  if (version < DATA_VERSION)
    return [finding('note', `${version}; the next start upgrades it to ${DATA_VERSION}`)];
  return [finding('ok', String(version))];
};

const versionOf = (folder: string): unknown => {
  const file = join(folder, 'version.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')).version;
  } catch {
    return 'unreadable';
  }
};

const checkDisk = (folder: string): Finding => {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const finding = findingOn('disk');
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  if (free < LEAST_BYTES) return finding('wrong', `${text} at ${folder}; free some, or ${OTHER_FOLDER}`);
  if (free < LOW_BYTES) return finding('note', `${text} at ${folder}; large files and exports may fill it`);
  return finding('ok', text);
};

/** The folder, or the nearest one above that exists. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)));

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** Whether a stack holds the folder's lock. The lock's file is there after the first start. */
const isInUse = async (folder: string): Promise<boolean> => {
  if (!existsSync(join(folder, 'in-use'))) return false;
  try {
    await holdDataFolder(folder).close();
    return false;
  } catch (error) {
    return /in use/.test((error as Error).message);
  }
};
