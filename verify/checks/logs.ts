import type { Deployment } from '../deployment.ts';
import type { Report } from '../report.ts';
import { must } from './expect.ts';

const isJson = (line: string): boolean => {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
};

/** What all functions wrote during the checks before this one. */
export const checkLogs = async ({ model, sandbox }: Deployment, { part, check }: Report): Promise<void> => {
  part('Logs');
  await check('every line that a function logged is JSON by itself', async () => {
    const all = await Promise.all([...model.functions.values()].map(async (fn) => (await sandbox(fn)).lines));
    const lines = all.flat();
    const others = lines.filter((line) => !isJson(line));
    must(lines.length > 0, 'there are none');
    must(others.length === 0, `${others.length} of ${lines.length} are not: ${others[0]?.slice(0, 160)}`);
    return `${lines.length} lines`;
  });
};
