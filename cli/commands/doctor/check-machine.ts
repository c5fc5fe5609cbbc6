import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { own } from '../../../lib/json/value.ts';
import { readSettings, type Settings } from '../../../local/settings.ts';
import { StackError } from '../../../local/stack-error.ts';
import type { StackFile } from '../../../local/stack-file.ts';
import { ROOT } from '../../command.ts';
import { type Finding, findingOn } from '../../finding.ts';
import { PROGRAM } from '../../program-name.ts';
import { checkHealth } from './check-health.ts';
import { checkOwnServices } from './check-own-services.ts';
import { checkPort } from './check-port.ts';
import { checkVariables } from './check-variables.ts';

const NODE_MAJOR = 24;

/** Checks this machine, its variables and the local stack on its data folder, and yields each result. */
export async function* checkMachine(
  env: Record<string, string | undefined>,
  { online, all }: { online: boolean; all: boolean },
): AsyncGenerator<Finding> {
  const node = checkNode(process.versions.node);
  yield node;
  if (node.state === 'wrong') return; // the other checks load modules that an earlier Node lacks
  const { settings, findings: wrong } = readableSettings(env);
  yield* wrong;
  if (settings === undefined) return;
  const { checkDataFolder } = await import('./check-data-folder.ts');
  const { isHeld, findings } = await checkDataFolder(settings.dataDir);
  yield* findings;
  const stack = isHeld ? readStack(settings.dataDir) : undefined;
  yield await checkPort(settings.port, stack?.api);
  yield* checkStack(stack, isHeld);
  if (stack) yield* await checkHealth(stack.api);
  yield* checkVariables(settings.variables, env, { all });
  yield* checkOwnServices(settings.variables, { online });
}

/** The settings without the variables that are wrong, each of which is a finding. */
const readableSettings = (
  env: Record<string, string | undefined>,
): { settings: Settings | undefined; findings: Finding[] } => {
  try {
    return { settings: readSettings(ROOT, env), findings: [] };
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    const [, name = '', reason = ''] = /^([A-Z][A-Z_]+):? (.*)$/s.exec(error.message) ?? [];
    // An empty variable of the environment removes that of `.env`, too.
    if (name === '' || own(env, name) === '')
      return { settings: undefined, findings: [findingOn('variables')('wrong', error.message)] };
    const { settings, findings } = readableSettings({ ...env, [name]: '' });
    return { settings, findings: [findingOn(name)('wrong', reason), ...findings] };
  }
};

const checkNode = (version: string): Finding => {
  const finding = findingOn('Node');
  return Number(version.split('.')[0]) >= NODE_MAJOR
    ? finding('ok', `${version} at ${process.execPath}`)
    : finding(
        'wrong',
        `${version} at ${process.execPath}: the local stack needs Node ${NODE_MAJOR}; run npm install, which brings it, and start commands by npx or npm`,
      );
};

const readStack = (dataDir: string): StackFile | undefined => {
  const file = join(dataDir, 'stack.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackFile) : undefined;
};

function* checkStack(stack: StackFile | undefined, isHeld: boolean): Generator<Finding> {
  const finding = findingOn('local stack');
  if (stack) yield finding('ok', `runs at ${stack.api}`);
  else if (isHeld) yield finding('note', 'is starting; try again when it has printed its address');
  else yield finding('note', `does not run; start it: ${PROGRAM} start`);
}
