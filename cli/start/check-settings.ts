import { environmentProblems } from '../../lib/adapters/settings/configuration.ts';
import { ConfigurationError } from '../../lib/errors.ts';
import { own } from '../../lib/json/value.ts';
import { parseApiKeys } from '../../lib/keys/api-key.ts';
import type { UserVariables } from '../../local/settings.ts';
import { CommandError } from '../command.ts';
import { VARIABLES } from '../variables.ts';

/**
 * Checks the variables as the functions will, before anything starts.
 *
 * @throws {CommandError} naming all that are wrong, with what to write instead
 */
export const checkSettings = (variables: UserVariables): void => {
  const given = VARIABLES.flatMap(({ name }) => {
    const value = own(variables, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  // The others are the stack's own to set.
  const problems = environmentProblems(Object.fromEntries(given)).filter(
    ({ path }) => own(variables, nameIn(path)) !== undefined,
  );
  const [first] = problems;
  if (first !== undefined)
    throw new CommandError(
      `${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}: ${remedyFor(nameIn(first.path))}`,
    );
  try {
    parseApiKeys(variables.EVERYTOKEN_API_KEYS ?? '');
  } catch (error) {
    throw error instanceof ConfigurationError ? new CommandError(error.message) : error;
  }
};

const nameIn = (path: string): string => path.split('.', 1)[0] ?? '';

/** How to mend a variable: an example, where it has one. */
export const remedyFor = (name: string): string => {
  const example = VARIABLES.find((variable) => variable.name === name)?.example;
  return example === undefined
    ? `mend ${name}, or leave it out`
    : `write it as ${name}='${example}' (docs/models.md), or leave it out`;
};
