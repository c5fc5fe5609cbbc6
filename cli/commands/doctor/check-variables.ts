import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { ConfigurationError } from '../../../lib/errors.ts';
import { own } from '../../../lib/json/value.ts';
import type { UserVariables } from '../../../local/settings.ts';
import { closest } from '../../closest.ts';
import { ROOT } from '../../command.ts';
import { type Finding, findingOn } from '../../finding.ts';
import { setVariables, VARIABLES } from '../../variables.ts';
import { UNUSED_NAMES } from '../init/check-models.ts';

type Env = Record<string, string | undefined>;

/**
 * Checks the variables by the functions' own parser, and says of each that is set where it comes from; with `all` also
 * what those that are not set would do.
 */
export function* checkVariables(
  variables: UserVariables,
  env: Env,
  { all }: { all: boolean },
): Generator<Finding> {
  const file = join(ROOT, '.env');
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  yield findingOn('.env')('ok', existsSync(file) ? file : `none (${file})`);
  const problems = problemsOf(variables);
  const set = setVariables(variables);
  for (const { variable, shown } of set) {
    const { name, does } = variable;
    const source = own(env, name) ? 'environment' : '.env';
    if (variable.group === 'Commands' && source === '.env') {
      yield findingOn(name)('note', 'of .env is not read by commands; export it in the shell');
      continue;
    }
    const problem = problems.find((each) => each.startsWith(name));
    yield problem === undefined
      ? findingOn(name)('ok', `${shown} (${source}): ${does}`)
      : findingOn(name)(
          'wrong',
          `${problem.slice(name.length).trim()} (${source}); mend it, or leave it out`,
        );
  }
  const names = set.map(({ variable }) => variable.name);
  for (const problem of problems.filter((each) => !names.some((name) => each.startsWith(name))))
    yield findingOn('variables')('wrong', `${problem}; mend it, or leave it out`);
  yield* removed(written, env);
  yield* misspelt(written);
  const unset = VARIABLES.filter(({ name }) => !names.includes(name));
  if (all) for (const { name, does } of unset) yield findingOn(name)('ok', `not set (default): ${does}`);
  else yield findingOn('variables')('ok', `${unset.length} others have their defaults; --all lists them`);
}

/** The problems that the functions would report, each beginning with the variable's name. */
const problemsOf = (variables: UserVariables): string[] => {
  try {
    configurationOf({ ...variables, ...UNUSED_NAMES });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.replace(/^[^:]*: /, '').split('; ');
  }
};

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
