import type { ApiKey } from '../../../lib/keys/api-key.ts';
import type { DeploymentContext } from '../../deployment-command.ts';

const SHOWN_DIGITS = 12;

/** The digits of a key's sha256 that lists show, and that `keys disable` takes. */
export const digitsOf = ({ sha256 }: ApiKey): string => sha256.slice(0, SHOWN_DIGITS);

/** A key as JSON, without its secret, which is stored nowhere. */
export const keyView = ({ sha256, caller, operator, disabled, createdAt }: ApiKey) => ({
  sha256,
  caller,
  operator: operator ?? false,
  disabled,
  created_at: createdAt,
});

/** Prints a new secret alone on standard output, so that a script can capture it. */
export const showSecret = (secret: string, key: ApiKey, { screen, note }: DeploymentContext): void => {
  screen.line(secret);
  note(`key ${digitsOf(key)} of ${key.caller}; its secret is not stored: save it now`);
  note('commands and clients use it by: export EVERYTOKEN_KEY=…');
};

export const disabledLine = (key: ApiKey): string =>
  `key ${digitsOf(key)} of ${key.caller} is disabled; functions that have just used it may accept it for another minute`;
