import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { environmentProblems } from '../../../lib/adapters/settings/configuration.ts';
import { own } from '../../../lib/json/value.ts';
import type { UserVariables } from '../../../local/settings.ts';
import { closest } from '../../closest.ts';
import { ROOT } from '../../command.ts';
import { type Finding, findingOn } from '../../finding.ts';
import { remedyFor } from '../../start/check-settings.ts';
import { setVariables, VARIABLES } from '../../variables.ts';
import { UNUSED_NAMES } from '../init/check-models.ts';

type Env = Record<string, string | undefined>;

/**
 * Checks the variables by the functions' own parser, and says of each that is set where it comes from; with `all` also
 * what those that are not set would do. `root`: the folder of `.env`.
 */
export function* checkVariables(
  variables: UserVariables,
  env: Env,
  { all, root = ROOT }: { all: boolean; root?: string },
): Generator<Finding> {
  const file = join(root, '.env');
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  yield findingOn('.env')('ok', existsSync(file) ? file : `none (${file})`);
  const problems = Map.groupBy(
    environmentProblems({ ...variables, ...UNUSED_NAMES }),
    ({ path }) => path.split('.')[0] ?? '',
  );
  const set = setVariables(variables);
  for (const { variable, shown } of set) {
    const { name, does } = variable;
    const source = own(env, name) ? 'environment' : '.env';
    const wrong = problems.get(name) ?? [];
    if (name === 'NO_COLOR' && source === '.env')
      yield findingOn(name)('note', 'of .env has no effect; export it in the shell');
    else if (wrong.length === 0) yield findingOn(name)('ok', `${shown} (${source}): ${does}`);
    else yield findingOn(name)('wrong', `${reasonsOf(name, wrong)} (${source}); ${remedyFor(name)}`);
  }
  const names = set.map(({ variable }) => variable.name);
  yield* removed(written, env);
  yield* misspelt(written);
  const unset = VARIABLES.filter(({ name }) => !names.includes(name));
  if (all) for (const { name, does } of unset) yield findingOn(name)('ok', `not set (default): ${does}`);
  else yield findingOn('variables')('ok', `${unset.length} others have their defaults; --all lists them`);
}

/** The problems of a variable: the place in it, if it is JSON, and the reason, never a value. */
const reasonsOf = (name: string, problems: ReturnType<typeof environmentProblems>): string =>
  problems.map(({ path, message }) => `${path.slice(name.length + 1)} ${message}`.trim()).join('; ');

/** Variables of `.env` that an empty one of the environment takes away. */
function* removed(written: Env, env: Env): Generator<Finding> {
  for (const [name, value] of Object.entries(written))
    if (own(env, name) === '' && value)
      yield findingOn(name)(
        'note',
        'of .env is taken away by an empty one of the environment; unset that to use it',
      );
}

/** Variables of `.env` that nothing reads, but whose name is near one that something reads. */
function* misspelt(written: Env): Generator<Finding> {
  const known = VARIABLES.map(({ name }) => name);
  for (const name of Object.keys(written)) {
    if (known.includes(name)) continue;
    const meant = closest(name, known);
    if (meant !== undefined) yield findingOn(name)('note', `of .env is not known; did you mean ${meant}?`);
  }
}
